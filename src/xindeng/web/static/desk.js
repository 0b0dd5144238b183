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

// Check a draft as it is typed: the same form, sent once typing rests, answered as a part of a page.
for (const form of document.querySelectorAll("form[data-live]")) {
  const place = document.getElementById(form.dataset.live);
  const field = form.querySelector("textarea");
  let timer = 0;
  let asked = 0;
  // Above what was found before, which is of an older text until the answer is there.
  const say = (words, kind) => {
    place.querySelector("[data-state]")?.remove();
    const line = document.createElement("p");
    line.dataset.state = "";
    line.className = kind;
    line.textContent = words;
    place.prepend(line);
  };
  const look = async () => {
    const mine = ++asked;
    const sent = new URLSearchParams(new FormData(form));
    sent.delete("why");
    sent.set("live", "true");
    say(form.dataset.checking, "notice");
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent });
      const told = await answer.text();
      if (mine !== asked) return;
      if (!answer.ok) throw new Error(String(answer.status));
      // Read as a document of its own: nothing in it is run or loaded on the way.
      place.replaceChildren(...new DOMParser().parseFromString(told, "text/html").body.childNodes);
    } catch {
      if (mine === asked) say(form.dataset.failed, "notice warning");
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 900);
  });
}

// Look again at what is not there yet.
for (const waits of document.querySelectorAll("[data-again]")) {
  setTimeout(() => location.reload(), Number(waits.dataset.again) * 1000);
}
