// Small helps for people with scripts; every page works without them.

// The visitor's zone, so that times can be told in it from the next page on.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes("xindeng-zone=")) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `xindeng-zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

// A form goes once: a second press while the first is on its way does nothing. The key in the form
// guards the same on the server, for those whose second press is faster than this.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  });
}
// Coming back with the back button, the form may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// A menu closes when one presses elsewhere or Escape.
const shut = (keep) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(keep)) menu.open = false;
};
document.addEventListener("click", (event) => shut(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  shut(null);
  open?.querySelector("summary").focus();
});

// A slider and a field that tell the same amount.
for (const slider of document.querySelectorAll("input[type=range][data-for]")) {
  const field = document.getElementById(slider.dataset.for);
  slider.addEventListener("input", () => {
    field.value = Number(slider.value).toLocaleString("en-US");
  });
  field.addEventListener("input", () => {
    const told = Number(field.value.replace(/[^0-9.]/g, ""));
    if (Number.isFinite(told)) slider.value = String(told);
  });
}

// The time a cost sheet is to be read: the button says how long, and opens by itself. The server
// refuses a confirmation that comes sooner, whatever a page does.
for (const button of document.querySelectorAll("button[data-read]")) {
  const said = button.textContent;
  const ready = performance.now() + Number(button.dataset.read) * 1000;
  const tick = () => {
    const left = Math.ceil((ready - performance.now()) / 1000);
    if (left <= 0) {
      button.disabled = false;
      button.textContent = said;
      return;
    }
    button.disabled = true;
    button.textContent = button.dataset.wait.replace("{n}", String(left));
    setTimeout(tick, 250);
  };
  tick();
}
