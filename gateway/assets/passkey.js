// Asks the browser for a passkey and puts its answer into the form that the page has anyway. Sends
// nothing by itself, keeps nothing, and is on no page that does not need it.
"use strict";
(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function sign(options) {
    options.challenge = bytes(options.challenge);
    options.allowCredentials = known(options.allowCredentials);
    const made = await navigator.credentials.get({ publicKey: options });
    const said = made.response;
    return answer(made, {
      clientDataJSON: text(said.clientDataJSON),
      authenticatorData: text(said.authenticatorData),
      signature: text(said.signature),
      userHandle: said.userHandle ? text(said.userHandle) : null,
    });
  }

  async function create(options) {
    options.challenge = bytes(options.challenge);
    options.user.id = bytes(options.user.id);
    options.excludeCredentials = known(options.excludeCredentials);
    const made = await navigator.credentials.create({ publicKey: options });
    const said = made.response;
    return answer(made, {
      clientDataJSON: text(said.clientDataJSON),
      attestationObject: text(said.attestationObject),
      transports: said.getTransports ? said.getTransports() : [],
    });
  }

  const answer = (made, response) =>
    JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });

  for (const form of document.querySelectorAll("form[data-passkey], form[data-make]")) {
    const { elements, dataset } = form;
    const said = form.querySelector("[role=status]");
    // What one prompt gave is kept when the next one is closed: it is not asked for twice.
    const fill = async (name, ask, options) => {
      const field = elements.namedItem(name);
      field.value ||= await ask(JSON.parse(options));
    };
    form.addEventListener("submit", async (event) => {
      const button = event.submitter || form.querySelector("button");
      // Beside the button for a passkey there may be one for a code.
      const byKey = dataset.passkey && (!elements.namedItem("code") || button.value === "passkey");
      if (!byKey && !dataset.make) return;
      event.preventDefault();
      const label = elements.namedItem("label");
      if (label && !label.reportValidity()) return;
      said.textContent = "";
      button.disabled = true;
      try {
        if (!window.PublicKeyCredential) throw new Error("no passkeys here");
        const ask = dataset.passkey === "create" ? create : sign;
        if (byKey) await fill("answer", ask, dataset.options);
        if (dataset.make) await fill("made", create, dataset.make);
        form.submit();
      } catch (problem) {
        // A prompt that was closed, and one that ran out of time, are told apart by nobody.
        const closed = problem.name === "NotAllowedError" || problem.name === "AbortError";
        const twice = problem.name === "InvalidStateError";
        const { closed: one, twice: other, unable } = said.dataset;
        said.textContent = closed ? one : twice ? other : unable;
        button.disabled = false;
        button.focus();
      }
    });
    // A page that was gone back to is fresh again.
    window.addEventListener("pageshow", () => {
      for (const name of ["answer", "made"]) {
        const field = elements.namedItem(name);
        if (field) field.value = "";
      }
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    });
  }
})();
