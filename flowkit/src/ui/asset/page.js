// Keeps an open page up to date. Every page works without it.
"use strict";
(() => {
  document.documentElement.classList.add("scripted");

  // Moments in the reader's own time zone; how long ago they were, as text.rs says it.
  const two = (n) => String(n).padStart(2, "0");
  const day = (d) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  const time = (d) => `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
  const rough = (s) =>
    s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min` :
    s < 86400 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} d`;
  const ago = (then) => {
    const s = Math.floor((Date.now() - then) / 1000);
    return s > 0 ? `${rough(s)} ago` : s < -1 ? `in ${rough(-s)}` : "just now";
  };
  const took = (ms) => {
    const s = Math.floor(ms / 1000);
    if (s < 1) return `${Math.max(0, Math.floor(ms))}ms`;
    if (s < 60) return `${s}.${Math.floor((ms % 1000) / 100)}s`;
    if (s < 3600) return `${Math.floor(s / 60)}m ${s % 60}s`;
    if (s < 86400) return `${Math.floor(s / 3600)}h ${Math.floor((s % 3600) / 60)}m`;
    return `${Math.floor(s / 86400)}d ${Math.floor((s % 86400) / 3600)}h`;
  };
  const say = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  const shows = [
    ["data-when", (d) => `${day(d)} ${time(d)}`],
    ["data-time", (d) => time(d).slice(0, 5)],
    ["data-day", (d) => day(d).slice(5)],
    ["data-millis", (d) => `${time(d)}.${String(d.getMilliseconds()).padStart(3, "0")}`],
  ];
  const localise = (root) => {
    for (const [name, show] of shows) {
      for (const element of root.querySelectorAll(`time[${name}]`)) {
        say(element, show(new Date(element.dateTime)));
      }
    }
  };
  const tick = (root) => {
    for (const element of root.querySelectorAll("time[data-ago]")) {
      say(element, ago(new Date(element.dateTime)));
    }
    for (const element of root.querySelectorAll("[data-since]")) {
      say(element, took(Date.now() - new Date(element.dataset.since)));
    }
  };
  localise(document);
  tick(document);
  setInterval(() => tick(document), 1000);

  // `/` goes to the search box; a choice is sent at once.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      document.getElementById("find").focus();
    }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-send]")) return;
    const form = event.target.form;
    if (event.target.name === "range") {
      form.querySelectorAll("[data-span]").forEach((span) => (span.disabled = true));
    }
    form.requestSubmit();
  });
  // What was left empty need not stand in the address.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "get") return;
    for (const field of event.target.elements) {
      if (field.name && !field.value) field.disabled = true;
    }
  });
  addEventListener("pageshow", () => {
    document.querySelectorAll("form [disabled]").forEach((field) => (field.disabled = false));
  });
  // Only one form of an action is open at a time; Escape closes it.
  document.addEventListener("toggle", (event) => {
    if (!event.target.open || !event.target.closest(".acts")) return;
    document.querySelectorAll(".acts details[open]").forEach((other) => {
      if (other !== event.target) other.open = false;
    });
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll(".acts details[open]").forEach((open) => {
      open.open = false;
      open.querySelector("summary").focus();
    });
  });

  // Log lines: the last one stays in sight while the box is ticked and nobody has scrolled away.
  const follow = document.getElementById("follow");
  const lines = () => document.getElementById("log-lines");
  const toEnd = () => {
    const log = lines();
    if (log) log.scrollTop = log.scrollHeight;
  };
  if (follow && !new URLSearchParams(location.search).has("earlier")) toEnd();
  document.addEventListener("scroll", (event) => {
    if (!follow || event.target !== lines()) return;
    const log = event.target;
    follow.checked = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  }, true);
  if (follow) follow.addEventListener("change", () => follow.checked && toEnd());

  // An open page reads itself again when the server says that what it shows has changed.
  if (!document.querySelector("main[data-live]")) return;
  const isBusy = (part) => {
    const focus = document.activeElement;
    return part.contains(focus) && focus.matches("input, textarea, select") ||
      part.querySelector(".acts details[open]") !== null;
  };
  const swap = (part, fresh) => {
    const open = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
    const scrolls = [part, ...part.querySelectorAll("[id]")]
      .filter((each) => each.id && (each.scrollTop || each.scrollLeft))
      .map((each) => [each.id, each.scrollTop, each.scrollLeft]);
    const focus = part.contains(document.activeElement) ? document.activeElement : null;
    const focused = focus && (focus.id ? `#${CSS.escape(focus.id)}` :
      focus.getAttribute("href") && `a[href="${CSS.escape(focus.getAttribute("href"))}"]`);
    part.replaceChildren(...fresh.childNodes);
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    for (const [id, top, left] of scrolls) {
      const each = document.getElementById(id);
      if (each) each.scrollTo(left, top);
    }
    if (focused && part !== focus) {
      const again = part.querySelector(focused);
      if (again) again.focus({ preventScroll: true });
    }
  };
  const plain = (part) => part.innerHTML;
  let reading = false;
  let again = false;
  const read = async () => {
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.status === 404) {
        document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
        return;
      }
      localise(page);
      tick(page);
      for (const part of document.querySelectorAll("[data-part]")) {
        const fresh = page.getElementById(part.id);
        if (fresh && plain(fresh) !== plain(part) && !isBusy(part)) swap(part, fresh);
      }
      document.title = page.title;
      if (follow && follow.checked) toEnd();
    } catch {
      // The server may be away for a moment; its next word is waited for.
    } finally {
      reading = false;
      if (again) {
        again = false;
        setTimeout(read, 100);
      }
    }
  };
  let source = null;
  const listen = () => {
    if (source) return;
    source = new EventSource(`/live?page=${encodeURIComponent(location.pathname + location.search)}`);
    source.addEventListener("change", read);
  };
  // A page that nobody sees holds no connection.
  const heed = () => {
    if (document.hidden) {
      if (source) source.close();
      source = null;
    } else {
      listen();
    }
  };
  document.addEventListener("visibilitychange", heed);
  heed();
})();
