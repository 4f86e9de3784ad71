import { type ClassValue, clsx } from 'clsx';

/** Joins class names. A class that is added must not contradict one that is there: nothing sorts that out. */
export const cn = (...classes: ClassValue[]) => clsx(classes);
