// The console works without this. It adds: "/" to find, g and a letter to go, numbers that move by themselves, answers while you type, and that a button pressed twice acts once.
(() => {
  "use strict";
  let went = false;
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (event.key === "/") {
      const find = document.getElementById("find");
      if (find) { find.focus(); event.preventDefault(); }
    } else if (went) {
      const link = document.querySelector(`.side a[data-key="${CSS.escape(event.key)}"]`);
      went = false;
      if (link) location.assign(link.href);
    } else if (event.key === "g") {
      went = true;
      setTimeout(() => { went = false; }, 1500);
    }
  });

  // <section data-live="/console/.../live"> takes each event's HTML in place of its own; the server renders it as for the first time. Who stands on a link stays there.
  // At the end the page that it is of is loaded, without what was said of the act before.
  for (const part of document.querySelectorAll("[data-live]")) {
    const source = new EventSource(part.dataset.live);
    source.addEventListener("html", event => {
      const at = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
      part.innerHTML = event.data;
      if (at) part.querySelector(`a[href="${CSS.escape(at)}"]`)?.focus();
    });
    // Away for a moment, the browser asks again by itself; refused, it does not: numbers that stand still must not look as if they moved.
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED || part.previousElementSibling?.matches(".still")) return;
      const still = document.createElement("p");
      still.className = "warn still";
      still.setAttribute("role", "alert");
      still.textContent = "These numbers stand still: you may be signed out. Load the page again.";
      part.before(still);
    });
    source.addEventListener("end", () => { source.close(); location.replace(part.dataset.live.replace(/\/live$/, "")); });
  }

  // What is wrong with a field, as the answer has it. Where somebody types it is told when they leave; what was not touched since it was found wrong stays so.
  const judge = (field, fresh) => {
    if (!fresh) return;
    const wrong = fresh.hasAttribute("aria-invalid");
    const touched = field.localName === "select" ? !field.selectedOptions[0]?.defaultSelected : field.value !== field.defaultValue;
    if (wrong ? field === document.activeElement && field.localName !== "select" : !touched) return;
    for (const name of ["aria-invalid", "aria-describedby"])
      if (fresh.hasAttribute(name)) field.setAttribute(name, fresh.getAttribute(name));
      else field.removeAttribute(name);
    document.getElementById(field.id + "-hint")?.remove();
    const hint = fresh.parentElement.querySelector("small");
    if (hint) field.after(hint);
  };

  // <form data-ask="count"> is asked at every change what its button of that name would answer; the parts marked data-answer are taken over from that page. Of a chosen
  // file the beginning is sent, which is all that is looked at.
  for (const form of document.querySelectorAll("form[data-ask]")) {
    let waiting, asking;
    const ask = async () => {
      asking?.abort();
      asking = new AbortController();
      const fields = new FormData(form);
      const file = form.querySelector("input[type=file]");
      if (file && !file.files.length) return;
      fields.set("act", form.dataset.ask);
      if (file) {
        fields.delete(file.name);
        fields.append(file.name, file.files[0].slice(0, 1 << 20), file.files[0].name);
      }
      try {
        const answer = await fetch(form.action, { method: "POST", body: fields, signal: asking.signal });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        page.querySelector("[autofocus]")?.removeAttribute("autofocus");
        for (const part of document.querySelectorAll("[data-answer]")) {
          const fresh = page.getElementById(part.id);
          if (fresh && !part.contains(document.activeElement)) part.replaceChildren(...fresh.childNodes);
        }
        for (const field of form.querySelectorAll(".field [id]:is(input, select, textarea)")) judge(field, page.getElementById(field.id));
      } catch {
        // Asked again meanwhile, or the server is away: the button still asks.
      }
    };
    // A field that is left has its change here, so that what was unfinished in it is looked at once more.
    for (const kind of ["input", "change"]) form.addEventListener(kind, () => { clearTimeout(waiting); waiting = setTimeout(ask, 600); });
  }

  // Pressed twice in a moment, a button acts once: the second answer would take the place of the first, which may be the only one that shows a new key.
  for (const form of document.querySelectorAll("form[method=post]")) {
    let by, at = -Infinity;
    form.addEventListener("submit", event => {
      if (event.submitter === by && event.timeStamp - at < 2000) event.preventDefault();
      else [by, at] = [event.submitter, event.timeStamp];
    });
  }

  // A file may be dropped anywhere on its form.
  for (const file of document.querySelectorAll("input[type=file]")) {
    const over = (event, on) => { event.preventDefault(); file.classList.toggle("over", on); };
    file.form.addEventListener("dragover", event => over(event, true));
    file.form.addEventListener("dragleave", event => over(event, false));
    file.form.addEventListener("drop", event => {
      over(event, false);
      if (!event.dataTransfer.files.length) return;
      file.files = event.dataTransfer.files;
      file.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
})();
