/** Tells a person what goes on; `fraction` is from 0 to 1 where it can be known. */
export type Progress = (line: string, fraction?: number) => void;
