// The console works without this. It adds: "/" to find, g and a letter to go, and numbers that move by themselves.
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

  // <section data-live="/console/..."> takes each event's HTML in place of its own; the server renders it as for the first time.
  for (const part of document.querySelectorAll("[data-live]")) {
    const source = new EventSource(part.dataset.live);
    source.addEventListener("html", event => { part.innerHTML = event.data; });
    source.addEventListener("end", () => { source.close(); location.reload(); });
  }

  // What cannot be taken back is asked about once more.
  document.addEventListener("submit", event => {
    const question = event.submitter && event.submitter.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  });
})();
