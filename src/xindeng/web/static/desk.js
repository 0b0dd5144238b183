// Small helps at the desks; every page works without them.

// Copy an answer word for word. The button is shown only where this can work.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  const said = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const lines = document.getElementById(button.dataset.copy).querySelectorAll("p");
    try {
      await navigator.clipboard.writeText([...lines].map((line) => line.textContent).join("\n"));
    } catch {
      return; // the browser said no; the text can still be selected
    }
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = said; }, 1500);
  });
}
