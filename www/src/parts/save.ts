const KEPT_MS = 40_000;

/** Hands a file to whoever sits before the page. */
export function saveJson(name: string, whole: object): void {
  const url = URL.createObjectURL(
    new Blob([JSON.stringify(whole, null, 2)], { type: 'application/json' }),
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Not every browser has begun to read it by now.
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
