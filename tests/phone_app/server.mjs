// The real binary on a loopback port with a fresh database, until told to stop.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orders } from './seed.mjs';

export const PASSWORD = 'correct horse battery staple';
const ACCOUNTS = [
  ['pc.frost', 'PC Lena Frost', 'officer'],
  ['pc.osei', 'PC Kwame Osei', 'officer'],
  ['dc.mercer', 'DC Asha Mercer', 'owner'],
  ['ps.adeyemi', 'PS Ruth Adeyemi', 'supervisor'],
  ['auditor', 'Inspector of Records', 'auditor'],
];

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** What every case begins with is made once: making it takes longer than most cases. @type {Map<string, string>} */
const made = new Map();
process.on('exit', () => {
  for (const folder of made.values()) rmSync(folder, { recursive: true, force: true });
});

/** Stations, orders and accounts, in a folder of their own. */
function beginning(binary, now, clock) {
  const key = `${now} ${clock}`;
  if (!made.has(key)) {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-phone-app-start.'));
    made.set(key, folder);
    const env = environment(folder, clock);
    const run = (words, input) => execFileSync(binary, words, { env, input, stdio: ['pipe', 'pipe', 'pipe'] });
    const file = join(folder, 'orders.json');
    writeFileSync(file, JSON.stringify(orders(now)));
    run(['migrate']);
    run(['import', file]);
    for (const [username, name, role] of ACCOUNTS)
      run(['account', 'create', '--name', name, '--role', role, '--stations', 'ALD,HEX', username], `${PASSWORD}\n`);
  }
  return made.get(key);
}

/** The wrapper of libfaketime leaves semaphores behind. */
const environment = (folder, clock) => ({
  ...process.env,
  HOLDFAST_DATABASE: `sqlite:${join(folder, 'data.sqlite')}`,
  HOLDFAST_FORCE_NAME: 'Wyre and Marches Police',
  HOLDFAST_PUSH_ALLOW_LOOPBACK: 'true',
  HOLDFAST_LOG: 'warn',
  ...(clock ? { LD_PRELOAD: process.env.FAKETIME_LIBRARY, FAKETIME: `@${clock}` } : {}),
});

/** `clock` is where the service's own clock starts. */
export async function startServer(binary, { now = Date.now(), clock = '' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-phone-app.'));
  cpSync(beginning(binary, now, clock), folder, { recursive: true });
  const port = await freePort();
  const env = { ...environment(folder, clock), HOLDFAST_LISTEN: `127.0.0.1:${port}` };
  const server = { folder, port, address: `http://127.0.0.1:${port}`, child: null, output: '' };
  server.start = async () => {
    server.child = spawn(binary, ['serve'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [server.child.stdout, server.child.stderr])
      stream.on('data', (data) => {
        server.output += data;
      });
    for (let tries = 0; tries < 200; tries += 1) {
      try {
        if ((await fetch(`${server.address}/health/live`)).ok) return;
      } catch {
        /* not yet */
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the service did not start:\n${server.output}`);
  };
  server.stop = async () => {
    if (!server.child) return;
    const ended = new Promise((resolve) => server.child.once('exit', resolve));
    process.kill(-server.child.pid, 'SIGINT');
    await ended;
    server.child = null;
  };
  server.end = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  await server.start();
  return server;
}
