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

  // The results below the search box: arrows choose, Enter opens, Esc goes back.
  const q = $("#q"), palette = $("#palette");
  const choose = (link) => {
    for (const other of palette.querySelectorAll("a[aria-current]")) other.removeAttribute("aria-current");
    if (!link) return q.removeAttribute("aria-activedescendant");
    link.setAttribute("aria-current", "true");
    link.id = "chosen";
    q.setAttribute("aria-activedescendant", "chosen");
    link.scrollIntoView({ block: "nearest" });
  };
  const show = (open) => {
    palette.hidden = !open;
    q.setAttribute("aria-expanded", open);
    if (!open) choose();
  };
  if (q && palette) {
    q.setAttribute("role", "combobox");
    q.setAttribute("aria-controls", "palette");
    q.setAttribute("aria-expanded", "false");
    palette.addEventListener("htmx:afterSwap", () => show(document.activeElement === q && q.value.trim() !== ""));
    q.addEventListener("keydown", (e) => {
      const links = [...palette.querySelectorAll("a")];
      const now = links.findIndex((a) => a.hasAttribute("aria-current"));
      if (e.key === "Escape") {
        e.preventDefault();
        if (palette.hidden) q.blur();
        show(false);
      } else if (palette.hidden || !links.length) {
        return;
      } else if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        e.preventDefault();
        const step = e.key === "ArrowDown" ? 1 : -1;
        for (const a of links) a.removeAttribute("id");
        choose(links[now < 0 ? (step > 0 ? 0 : links.length - 1) : (now + step + links.length) % links.length]);
      } else if (e.key === "Enter" && now >= 0) {
        e.preventDefault();
        location.assign(links[now].href);
      }
    });
    q.form.addEventListener("focusout", (e) => {
      if (!q.form.contains(e.relatedTarget)) show(false);
    });
  }

  // Arrows go through the results and the work lists of a page.
  document.addEventListener("keydown", (e) => {
    if ((e.key !== "ArrowDown" && e.key !== "ArrowUp") || e.defaultPrevented || typing(e) || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;
    const links = [...document.querySelectorAll("main .results a, main .work .what > a, main .pick a")];
    const now = links.indexOf(document.activeElement);
    const next = links[now + (e.key === "ArrowDown" ? 1 : -1)];
    if (!next || (now < 0 && !["MAIN", "BODY"].includes(document.activeElement.tagName))) return;
    e.preventDefault();
    next.focus();
  });

  // Enter goes to the next field of a form with steps; the letters of an amount are read by the
  // server; the numbers choose a method while the choice has the focus.
  document.addEventListener("keydown", (e) => {
    const form = e.target.closest("form[data-steps]");
    if (!form || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Enter" && e.target.matches("input")) {
      e.preventDefault();
      const fields = [...form.querySelectorAll("input:not([type=hidden]):not([type=radio]), input[type=radio]:checked")].filter((f) => f.checkVisibility());
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

  // A letter in the amount becomes the amount that its preview shows.
  document.addEventListener("htmx:afterSettle", () => {
    const amount = $("#in-amount"), shown = $("[data-main][data-amount]");
    if (!amount || !shown || !/^[dsl]$/i.test(amount.value.trim())) return;
    amount.value = shown.dataset.amount;
    amount.select();
  });

  // The current entry of the menu and the current tab are in view.
  const entry = $(".side [aria-current]"), tab = $(".tabs [aria-current]");
  if (entry) entry.scrollIntoView({ block: "nearest" });
  if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 32;

  // What is behind the open menu of a phone takes no focus.
  const menu = () => {
    const open = location.hash === "#nav" && matchMedia("(max-width: 1023px)").matches;
    for (const part of document.querySelectorAll(".skip, .top, .page, .toasts")) part.inert = open;
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
