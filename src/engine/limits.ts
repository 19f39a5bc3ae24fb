/**
 * How long the engine is waited for, in milliseconds. In one place, so that a test can shorten all of it.
 * A question costs an engine nothing: one that is frozen keeps its sockets open for ever, and eight seconds tell it from a busy one.
 * With what starting gather and ending Compose take, nobody waits for twelve.
 */
export const LIMITS = {
  /** Of who it is, when it is looked for: several places may be silent one after the other. */
  dial: 5_000,
  /** Of a connection, when it is looked for: a machine that is not there says nothing. */
  connect: 2_000,
  /** Of a question, and of the beginning of a stream's answer. */
  answer: 8_000,
  /** Of work that the engine does on its disk: removing an image, a volume, a container. */
  work: 60_000,
  /** Between two looks whether the engine is still there, while a program talks to it. */
  look: 1_500,
};
