/** Something that would keep the stack from running: what, and what to do. */
export interface Problem {
  text: string;
  hint: string;
}
