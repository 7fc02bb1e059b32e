// The keys of the console, the menu on phones, and the focus after a page or a part of it came.
// Nothing depends on this file: without it, every page works by links, buttons and forms.
(() => {
  const $ = (selector) => document.querySelector(selector);
  const typing = (e) => e.target.matches("input, select, textarea");

  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.altKey) return;
    const search = $("#q");
    if (search && ((e.key === "k" && (e.ctrlKey || e.metaKey)) || (e.key === "/" && !typing(e)))) {
      e.preventDefault();
      search.focus();
      search.select();
      return;
    }
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      const main = $("[data-main]:not([disabled])");
      if (main) {
        e.preventDefault();
        main.click();
      }
      return;
    }
    if (e.ctrlKey || e.metaKey || typing(e) || document.body.dataset.keys === "off") return;
    const pressed = document.querySelector(`[data-key="${CSS.escape(e.key.toLowerCase())}"]`);
    if (pressed) {
      e.preventDefault();
      pressed.click();
    }
  });

  // Enter goes to the next field of a form with steps; the letters of an amount are read by the
  // server; the numbers choose a method while the choice has the focus.
  document.addEventListener("keydown", (e) => {
    const form = e.target.closest("form[data-steps]");
    if (!form || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Enter" && e.target.matches("input")) {
      e.preventDefault();
      const fields = [...form.querySelectorAll("input:not([type=hidden]):not([type=radio]), input[type=radio]:checked")];
      const next = fields[fields.indexOf(e.target) + 1] || form.querySelector("[data-main]");
      if (next) next.focus();
      if (next && next.select) next.select();
    } else if (e.target.matches("input[type=radio]")) {
      const choice = [...form.querySelectorAll(".choice")].find((c) => c.querySelector("kbd")?.textContent === e.key.toUpperCase());
      if (choice) {
        e.preventDefault();
        choice.querySelector("input").click();
        choice.querySelector("input").focus();
      }
    }
  });
  document.addEventListener("click", (e) => {
    if (e.target.closest("[data-print]")) print();
  });

  // What is behind the open menu of a phone takes no focus.
  const menu = () => {
    const open = location.hash === "#nav" && matchMedia("(max-width: 1023px)").matches;
    for (const part of document.querySelectorAll(".top, .page")) part.inert = open;
    if (open) $("#nav a").focus();
  };
  addEventListener("hashchange", menu);
  menu();

  // Errors come first; a form that was sent twice is sent once.
  const problems = $("#problems");
  if (problems) problems.focus();
  document.addEventListener("submit", (e) => {
    const button = e.submitter;
    if (e.defaultPrevented || !button || e.target.method !== "post") return;
    if (e.target.dataset.sent) {
      e.preventDefault();
      return;
    }
    e.target.dataset.sent = "yes";
    button.setAttribute("aria-busy", "true");
    setTimeout(() => {
      delete e.target.dataset.sent;
      button.removeAttribute("aria-busy");
    }, 8000);
  });
})();
