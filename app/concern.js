// The public pages: reporting a concern, and following a report. What is typed goes into the body of one
// request, never into an address, and is kept nowhere here.
// @ts-check

/** @param {string} id */
const by = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

document.querySelector(".leave")?.addEventListener("click", (event) => {
  event.preventDefault();
  document.querySelectorAll("form").forEach((form) => form.reset());
  // Takes this page's place in the history, so that "back" does not lead here.
  location.replace(/** @type {HTMLAnchorElement} */ (event.currentTarget).href);
});

/** Each field that cannot be taken, with why. @param {[string, string][]} errors */
function showErrors(errors) {
  document.querySelectorAll(".error").forEach((place) => ((/** @type {HTMLElement} */ (place)).hidden = true));
  document.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  const box = by("wrong");
  const list = /** @type {HTMLElement} */ (box.querySelector("ul"));
  list.replaceChildren();
  for (const [id, says] of errors) {
    const item = list.appendChild(document.createElement("li"));
    const field = document.getElementById(id);
    if (!field) {
      item.textContent = says;
      continue;
    }
    const link = item.appendChild(document.createElement("a"));
    link.href = `#${id}`;
    link.textContent = says;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      /** @type {HTMLElement} */ (field.matches("fieldset") ? field.querySelector("input") : field).focus();
    });
    field.setAttribute("aria-invalid", "true");
    const place = /** @type {HTMLElement | null} */ ((field.closest(".field") ?? field).querySelector(".error"));
    if (place) {
      place.textContent = says;
      place.hidden = false;
    }
  }
  box.hidden = errors.length === 0;
  if (errors.length > 0) box.focus();
}

/** What a person can do about a refusal. @param {Response} answer */
async function refusal(answer) {
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 429) {
    const minutes = Math.ceil(Number(answer.headers.get("retry-after") ?? 60) / 60);
    const wait = minutes === 1 ? "a minute" : `${minutes} minutes`;
    return [["", `Too many tries. Please wait ${wait} and try again, or ring 101.`]];
  }
  if (answer.status === 404) return [["", "The reference or the secret is wrong. Please check both."]];
  const errors = problem.errors ?? [];
  if (errors.length === 0) return [["", "Something went wrong here. Please try again, or ring 101."]];
  const says = { words: "Tell us what happened", happened_at: "The time must be in the past" };
  return errors.map((/** @type {{ pointer: string, detail: string }} */ { pointer, detail }) => {
    const id = pointer.slice(1);
    return [id, says[id] ?? `This ${detail}`];
  });
}

/** @param {HTMLFormElement} form @param {string} path @param {object} body */
async function send(form, path, body) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  button.disabled = true;
  try {
    const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(`/api/v1/public/concerns${path}`, request);
    if (answer.ok) {
      showErrors([]);
      return await answer.json();
    }
    showErrors(await refusal(answer));
  } catch {
    showErrors([["", "It could not be sent. What you typed is still here: try again, or ring 101."]]);
  } finally {
    button.disabled = false;
  }
  return null;
}

const report = /** @type {HTMLFormElement | null} */ (document.getElementById("report"));
report?.addEventListener("change", () => {
  by("you").hidden = new FormData(report).get("reporter") === "anonymous";
});
report?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = new FormData(report);
  const text = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
  /** @type {[string, string][]} */
  const missing = [];
  if (!text("reporter")) missing.push(["reporter", "Say who you are"]);
  if (!text("words")) missing.push(["words", "Tell us what happened"]);
  if (!text("is_in_danger")) missing.push(["is_in_danger", "Say whether somebody could be hurt"]);
  if (missing.length > 0) return showErrors(missing);
  const isNamed = text("reporter") !== "anonymous";
  const body = { reporter: text("reporter"), words: text("words"), about: text("about"), place: text("place"),
    is_in_danger: text("is_in_danger") === "yes" };
  if (text("happened_at")) Object.assign(body, { happened_at: new Date(text("happened_at")).toISOString() });
  if (isNamed) Object.assign(body, { name: text("name"), contact: text("contact"), contact_safely: text("contact_safely") });
  const receipt = await send(report, "", body);
  if (!receipt) return;
  by("reference").textContent = receipt.reference;
  by("secret").textContent = receipt.secret;
  report.reset();
  by("ask").hidden = true;
  by("sent").hidden = false;
  by("sent").focus();
  scrollTo(0, 0);
});

const follow = /** @type {HTMLFormElement | null} */ (document.getElementById("follow"));
follow?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = new FormData(follow);
  const text = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
  /** @type {[string, string][]} */
  const missing = [];
  if (!text("reference")) missing.push(["reference", "Type the reference"]);
  if (!text("secret")) missing.push(["secret", "Type the secret"]);
  by("progress").hidden = true;
  if (missing.length > 0) return showErrors(missing);
  const progress = await send(follow, "/progress", { reference: text("reference"), secret: text("secret") });
  if (!progress) return;
  const when = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", dateStyle: "full", timeStyle: "short" });
  const yesOrNo = (/** @type {boolean} */ is) => (is ? "Yes" : "Not yet");
  by("says").textContent = progress.says;
  by("received").textContent = when.format(new Date(progress.received_at));
  by("with").textContent = yesOrNo(progress.is_with_somebody);
  by("told").textContent = yesOrNo(progress.is_outcome_told);
  by("progress").hidden = false;
  by("progress").focus();
});
