"use strict";
(() => {
  const one = (s, at = document) => at.querySelector(s);
  const all = (s, at = document) => [...at.querySelectorAll(s)];
  const list = one("#rows"), rows = list ? [...list.tBodies[0].rows] : [];
  const marks = list && JSON.parse(one("#marks").textContent);
  const keys = new Map(rows.map((row, at) => [row, new Set(marks.marks.flatMap((part, which) => part[marks.rows[which][at]].split(" ")))]));
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const wanted = { marks: "", told: "", text: "", decision: "" };
  const search = one("#search"), decision = one("#decision"), reset = one("#all"), shown = one("#shown");

  // Any of the alternatives, of which all parts.
  const found = (key, marks) => marks.split(" ").some((some) => some.split("+").every((mark) => key.has(mark)));
  const close = () => all("tr.open").forEach((row) => row.remove());
  const visible = () => rows.filter((row) => !row.hidden);

  function show() {
    if (!list) return;
    close();
    const text = wanted.text.trim().toLowerCase();
    for (const row of rows) {
      const key = keys.get(row);
      row.hidden = !((!wanted.marks || found(key, wanted.marks)) && (!wanted.decision || key.has(wanted.decision)) &&
        (!text || words.get(row).includes(text)));
    }
    const any = wanted.marks || text || wanted.decision;
    shown.textContent = any ? `　只看${wanted.told ? "“" + wanted.told + "”" : "筛选出来的"}：${visible().length} 行` : "";
    reset.hidden = !any;
  }

  function reveal(target) {
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  }

  // The cause in its sentence, then each act with its words on both sides and what they rest on.
  function explain(link) {
    const row = link.closest("tr"), next = row.nextElementSibling;
    if (next && next.className === "open") return next.remove();
    const cause = one(link.getAttribute("href"));
    if (!cause) return;
    const open = document.createElement("tr"), cell = open.insertCell();
    open.className = "open";
    cell.colSpan = row.cells.length;
    const parts = [cause, ...(cause.dataset.a || "").split(" ").map((act) => one("#a" + act))];
    for (const part of parts) if (part) {
      const copy = part.cloneNode(true);
      copy.removeAttribute("id");
      if (part === cause) copy.open = true;
      all("[id]", copy).forEach((inner) => inner.removeAttribute("id"));
      all("details", copy).forEach((inner) => { inner.open = true; });
      all(".screen", copy).forEach((inner) => inner.remove());
      cell.append(copy);
    }
    row.after(open);
  }

  const amount = (text) => {
    const [, whole, below] = /^\s*(-?[\d.,]+)(?:\/(\d+))?/.exec(text) || [, "", ""];
    return whole ? Number(whole.replace(/,/g, "")) / Number(below || 1) : -Infinity;
  };
  const order = new Intl.Collator("zh-CN", { numeric: true });

  function sort(head) {
    const table = head.closest("table"), body = table.tBodies[0], at = head.cellIndex;
    const down = head.getAttribute("aria-sort") === "ascending" || (!head.hasAttribute("aria-sort") && head.classList.contains("n"));
    close();
    all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const text = (row) => row.cells[at].textContent;
    const by = head.classList.contains("n") ? (a, b) => amount(text(a)) - amount(text(b)) || 0 : (a, b) => order.compare(text(a), text(b));
    body.append(...[...body.rows].sort((a, b) => (down ? -1 : 1) * by(a, b)));
  }

  // What a spreadsheet would take for a formula begins with a mark that makes it a text.
  const harmless = (text) => (/^[\s]*[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? "'" + text : text);
  function csv() {
    const heads = [...list.tHead.rows[0].cells];
    const cells = (row) => [...row.cells].map((cell, at) => {
      const text = cell.textContent.trim();
      return heads[at].classList.contains("n") && /^-?[\d,.]+$/.test(text) ? text.replace(/,/g, "") : text;
    });
    const told = [cells(list.tHead.rows[0]), ...[...list.tBodies[0].rows].filter((row) => !row.hidden && row.className !== "open").map(cells)];
    return "data:text/csv;charset=utf-8,%EF%BB%BF" + encodeURIComponent(
      told.map((row) => row.map((text) => '"' + harmless(text).replace(/"/g, '""') + '"').join(",")).join("\r\n") + "\r\n");
  }

  // A link says what it leads to; within a table its row and its column may say it together.
  function leads(at) {
    if (at.dataset.q !== undefined) {
      const named = one("title", at), about = at.closest("article,details.cause"), said = about && one("strong,summary", about);
      return { marks: at.dataset.q, told: at.dataset.t || (named ? named.textContent.split("：")[0] : (said || at).textContent.slice(0, 80)) };
    }
    const row = at.closest("tr"), head = at.closest("table").tHead.rows[0].cells[at.closest("td").cellIndex];
    const parts = [[row, row.cells[0]], [head, head]].filter(([from]) => from.dataset.g);
    return { marks: parts.map(([from]) => from.dataset.g).join("+"), told: parts.map(([, told]) => told.textContent).join("：") };
  }

  function act(event) {
    const at = event.target.closest("[data-q],th[role=button],#all,#csv,a[href^='#']");
    if (!at) return;
    if (at.id === "csv") return at.setAttribute("href", csv());
    if (at.id === "all") {
      Object.assign(wanted, { marks: "", told: "", text: "", decision: "" });
      search.value = decision.value = "";
      return show();
    }
    if (list && list.contains(at) && at.hash) {
      event.preventDefault();
      return at.closest("tr.open") ? undefined : explain(at);
    }
    if (at.dataset.q !== undefined || at.hash === "#list") {
      if (!list) return;
      event.preventDefault();
      Object.assign(wanted, { ...leads(at), text: "", decision: "" });
      search.value = decision.value = "";
      show();
      return one("#list").scrollIntoView();
    }
    if (at.tagName === "TH") return sort(at);
    reveal(document.getElementById(decodeURIComponent(at.getAttribute("href").slice(1))));
  }

  document.addEventListener("click", act);
  document.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.matches("th[role=button]")) {
      event.preventDefault();
      sort(event.target);
    }
  });
  all("table.sort th").forEach((head) => {
    head.setAttribute("role", "button");
    head.tabIndex = 0;
  });
  if (list) all("th[data-g]").forEach((head) => {
    for (const row of head.closest("table").tBodies[0].rows) {
      const cell = row.cells[head.cellIndex], link = document.createElement("a");
      if (cell.textContent === "·") continue;
      link.href = "#list";
      link.append(...cell.childNodes);
      cell.append(link);
    }
  });
  all(".tool").forEach((tool) => { tool.hidden = false; });
  if (list) {
    reset.hidden = true;
    search.addEventListener("input", () => { wanted.text = search.value; show(); });
    decision.addEventListener("change", () => { wanted.decision = decision.value; show(); });
  }

  const money = one("#money");
  if (money) {
    const choose = () => all("#s6 th.m").forEach((head) => {
      const hide = !head.classList.contains("m" + money.value);
      for (const row of head.closest("table").rows) row.cells[head.cellIndex].hidden = hide;
    });
    money.addEventListener("change", choose);
    choose();
  }

  const data = one("#swept") && JSON.parse(one("#swept").textContent);
  all(".slide").forEach((slide) => {
    const input = one("input", slide), sweep = slide.closest(".sweep"), pieces = data.sweeps[slide.dataset.w];
    const names = (several, many) => several.map((index) => data.names[index]).join("、") + (many > several.length ? ` 等 ${many} 个` : "");
    const move = () => {
      const at = Number(input.value), piece = pieces[at];
      const [more, fewer] = piece.n;
      one("output", slide).textContent = `取 ${piece.t}：${piece.c}。` +
        (more ? `比拟定多 ${more} 个：${names(piece.m, more)}。` : "") + (fewer ? `比拟定少 ${fewer} 个：${names(piece.f, fewer)}。` : "");
      all(".hit", sweep).forEach((hit) => hit.classList.toggle("on", Number(hit.dataset.i) === at));
      all("tbody tr", sweep).forEach((row, place) => row.classList.toggle("on", place === at));
    };
    slide.hidden = false;
    input.addEventListener("input", move);
    move();
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    closed.forEach((inner) => { inner.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((inner) => { inner.open = false; }));
})();
