// Keeps the figures of the front page fresh. When the service does not answer, the page says so:
// old figures are never shown as if they were new.
// @ts-check

const EVERY_MS = 5_000;
const london = { timeZone: "Europe/London" };

/** @param {string} id @param {string} text */
function show(id, text) {
  const element = document.getElementById(id);
  if (element) element.textContent = text;
}

/** @param {string} instant */
function inWords(instant) {
  const at = new Date(instant);
  const part = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
    new Intl.DateTimeFormat("en-GB", { ...london, ...options }).format(at);
  const day = `${part({ weekday: "short" })} ${part({ day: "numeric" })} ${part({ month: "short" })}`;
  return `${day}, ${part({ hour: "2-digit", minute: "2-digit", second: "2-digit" })}`;
}

/** @param {boolean} isWell @param {string} says */
function showState(isWell, says) {
  const state = document.getElementById("state");
  if (!state) return;
  state.className = isWell ? "state state--ok" : "state state--bad";
  if (state.textContent !== says) state.textContent = says;
}

async function refresh() {
  try {
    const [status, ready] = await Promise.all([fetch("/api/v1/status"), fetch("/health/ready")]);
    if (!status.ok) throw new Error(`status ${status.status}`);
    const now = await status.json();
    const number = new Intl.NumberFormat("en-GB");
    show("orders", number.format(now.orders));
    show("obligations", number.format(now.obligations));
    show("open-alerts", number.format(now.open_alerts));
    show("unacknowledged", number.format(now.unacknowledged_alerts));
    show("nobody-reachable", number.format(now.nobody_reachable_alerts));
    show("last-sweep", now.last_sweep_at ? inWords(now.last_sweep_at).split(", ")[1] : "Never");
    show("last-sweep-day", now.last_sweep_at ? inWords(now.last_sweep_at).split(", ")[0] : "");
    showState(ready.ok && now.is_watching, now.says);
  } catch {
    showState(false, "No answer from the service: the figures below are old");
  }
}

setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
