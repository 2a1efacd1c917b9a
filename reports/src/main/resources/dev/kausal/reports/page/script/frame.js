/** Tells the page around this one how high it is, each time that changes. */
function tellHeight() {
  const told = () => parent.postMessage({ kausalHeight: Math.ceil(document.body.getBoundingClientRect().height) }, '*');
  new ResizeObserver(told).observe(document.body);
}

/** Takes the colours that fit the page around this one, which answers with its ground. */
function takeGround() {
  addEventListener('message', (event) => {
    const ground = event.data.kausalGround;
    if (event.source === parent && ['dark', 'light'].includes(ground)) document.documentElement.dataset.theme = ground;
  });
}

takeGround();
tellHeight();
