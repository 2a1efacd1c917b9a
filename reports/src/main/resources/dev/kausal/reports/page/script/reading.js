/** An element with [attributes]; of [children], strings become text, whatever they hold. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** What is under the pointer or the keyboard's cursor: a box beside it, and a line for screen readers. */
class Reading {
  constructor() {
    this.box = element('div', { class: 'tip', 'aria-hidden': 'true', hidden: '' });
    this.line = element('p', { class: 'unseen', role: 'status' });
    document.body.append(this.box, this.line);
  }

  /** Shows [lines] beside [x], [y] on the screen; [spoken] is for what the keyboard reached. */
  show(lines, x, y, spoken = false) {
    this.box.replaceChildren(...lines.map((line, i) => element(i ? 'span' : 'strong', {}, line)));
    this.box.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const right = x + 16 + width < innerWidth ? x + 16 : Math.max(4, x - 16 - width);
    const below = y + 16 + height < innerHeight ? y + 16 : Math.max(4, y - 16 - height);
    this.box.style.transform = `translate(${Math.round(right)}px, ${Math.round(below)}px)`;
    if (spoken) this.line.textContent = lines.join('; ');
  }

  hide() {
    this.box.hidden = true;
  }
}
