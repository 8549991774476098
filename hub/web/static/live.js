// Replaces the overview's figures every two seconds while somebody looks at them.
const live = document.getElementById("live");
const state = document.getElementById("live-state");

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(live.dataset.from, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!answer.ok) throw new Error(answer.statusText);
    const read = new DOMParser().parseFromString(await answer.text(), "text/html");
    const open = document.activeElement instanceof HTMLAnchorElement ? document.activeElement.getAttribute("href") : null;
    live.replaceChildren(...read.body.children);
    if (open) live.querySelector(`a[href="${CSS.escape(open)}"]`)?.focus({ preventScroll: true });
    state.textContent = `live, ${live.querySelector("[data-clock]").dataset.clock} UTC`;
    state.classList.remove("lost");
  } catch {
    state.textContent = "the hub does not answer";
    state.classList.add("lost");
  }
}

setInterval(refresh, Number(live.dataset.every));
