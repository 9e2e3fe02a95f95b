/** Where the shipped model is. */
export const url: URL;
/** What it must be, for `LoadOptions.integrity`. */
export const integrity: string;
