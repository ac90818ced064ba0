// What lies between a phone and the service: it can be pulled, and it can lose an answer whose work is done.
import { createServer, request } from 'node:http';

export async function cable(target) {
  const state = {
    isPulled: false,
    isApiPulled: false,
    losesAnswerOf: null,
    /** Of a request whose answer has to wait: a promise. */
    holds: null,
    rewrites: new Map(),
    changes: new Map(),
    seen: [],
    lost: 0,
  };
  const sockets = new Set();
  const server = createServer((asked, answer) => {
    const isApi = asked.url.startsWith('/api/');
    if (state.isPulled || (state.isApiPulled && isApi)) {
      asked.socket.destroy();
      return;
    }
    const chunks = [];
    asked.on('data', (chunk) => chunks.push(chunk));
    asked.on('end', () => {
      const body = Buffer.concat(chunks);
      const change = state.changes.get(asked.url);
      pass(change ? Buffer.from(change(body.toString())) : body, asked, answer);
    });
  });
  const pass = (body, asked, answer) => {
    const { rewrites } = state;
    const seen = { method: asked.method, path: asked.url, body: body.toString(), headers: asked.headers };
    state.seen.push(seen);
    const headers = { ...asked.headers, host: new URL(target()).host };
    if (body.length > 0) headers['content-length'] = String(body.length);
    if (rewrites.has(asked.url)) {
      delete headers['accept-encoding'];
      delete headers['if-none-match'];
    }
    const onward = request(`${target()}${asked.url}`, { method: asked.method, headers }, (came) => {
      const parts = [];
      came.on('data', (part) => parts.push(part));
      came.on('end', async () => {
        await state.holds?.(seen);
        give(Buffer.concat(parts), came, asked, answer, seen);
      });
    });
    onward.on('error', () => asked.socket.destroy());
    onward.end(body);
  };
  const give = (whole, came, asked, answer, seen) => {
    if (state.isPulled || asked.socket.destroyed) {
      asked.socket.destroy();
      return;
    }
    const text = state.rewrites.has(asked.url) ? Buffer.from(state.rewrites.get(asked.url)(whole.toString())) : whole;
    const headers = { ...came.headers, 'content-length': String(text.length) };
    delete headers['transfer-encoding'];
    if (came.statusCode === 304) delete headers['content-length'];
    answer.writeHead(came.statusCode, headers);
    if (state.losesAnswerOf?.(asked, seen)) {
      // After the head: before it the browser sends a request again by itself.
      state.lost += 1;
      answer.write(text.subarray(0, Math.floor(text.length / 2)), () => {
        setTimeout(() => asked.socket.destroy(), 60);
      });
      return;
    }
    answer.end(text);
  };
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return Object.assign(state, {
    address: `http://127.0.0.1:${server.address().port}`,
    pull() {
      state.isPulled = true;
      for (const socket of sockets) socket.destroy();
    },
    plug() {
      state.isPulled = false;
      state.isApiPulled = false;
    },
    pullApi() {
      state.isApiPulled = true;
    },
    end: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(resolve);
      }),
  });
}
