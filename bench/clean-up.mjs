// What must be taken down however the bench ends: at its end, after an error, and on a signal.
const works = new Set();

/** Remembers a clean-up; answers how to forget it. */
export function atEnd(work) {
  works.add(work);
  return () => works.delete(work);
}

/** Runs all that is left; one that fails does not keep the others from running. */
export function cleanUp() {
  for (const work of [...works].reverse()) {
    works.delete(work);
    try {
      work();
    } catch (error) {
      console.error(`cleaning up: ${error.message}`);
    }
  }
}

export function cleanUpOnSignals() {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])
    process.on(signal, () => {
      cleanUp();
      process.exit(code);
    });
}
