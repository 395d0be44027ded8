"use strict";
// Keeps the page true without a reload: fetches it again and changes only what is different, so
// that focus, selection and scroll positions stay. A server that is gone is told, and waited for.
(() => {
  const SECONDS = 5, PATIENCE = 10;
  const banner = document.getElementById("connection");
  let lost = null;

  const key = (node) => (node.nodeType === 1 ? node.getAttribute("data-key") : null);

  const same = (old, fresh) =>
    old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && key(old) === key(fresh);

  function patch(old, fresh) {
    if (old.nodeType !== 1) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    for (const { name } of [...old.attributes]) {
      // What the reader has opened stays open.
      if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    patchChildren(old, fresh);
  }

  function patchChildren(old, fresh) {
    const keyed = new Map([...old.childNodes].filter(key).map((node) => [key(node), node]));
    const wanted = new Set([...fresh.childNodes].map(key));
    let next = old.firstChild;
    for (const node of [...fresh.childNodes]) {
      // Whatever is gone from the new page goes first, so that the rest need not move.
      while (next && key(next) && !wanted.has(key(next))) {
        const gone = next;
        next = next.nextSibling;
        gone.remove();
      }
      const match = key(node) ? keyed.get(key(node)) : next && same(next, node) ? next : null;
      if (!match) {
        old.insertBefore(document.importNode(node, true), next);
        continue;
      }
      if (match === next) next = next.nextSibling;
      else old.insertBefore(match, next);
      patch(match, node);
    }
    while (next) {
      const gone = next;
      next = next.nextSibling;
      gone.remove();
    }
  }

  async function update() {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), 1000 * PATIENCE);
    try {
      const answer = await fetch(location.href, { signal: abort.signal, cache: "no-store" });
      if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!fresh.querySelector("header") !== !document.querySelector("header")) {
        location.reload(); // it is another kind of page by now
        return;
      }
      for (const part of ["header", "main"]) {
        const old = document.querySelector(part);
        if (old) patch(old, fresh.querySelector(part));
      }
      const icon = fresh.getElementById("icon");
      const shown = document.getElementById("icon");
      if (icon && shown.getAttribute("href") !== icon.getAttribute("href")) {
        shown.setAttribute("href", icon.getAttribute("href"));
      }
      document.title = fresh.title;
      lost = null;
      banner.hidden = true;
    } catch (error) {
      if (lost === null) {
        lost = new Date();
        const time = lost.toISOString().slice(11, 19);
        banner.textContent = `Not connected since ${time} UTC. What is shown is older.`;
        document.title = `not connected: ${document.title}`;
      }
      banner.hidden = false;
    } finally {
      clearTimeout(timer);
      setTimeout(update, 1000 * SECONDS);
    }
  }

  setTimeout(update, 1000 * SECONDS);
})();
