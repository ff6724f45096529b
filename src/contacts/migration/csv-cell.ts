/** A cell as it is (RFC 4180), to be read again by ourselves: nothing is put before what a spreadsheet might take for a formula. */
export function csvCell(text: string): string {
  const line = text.replace(/\r\n?|\n/g, ' ')
  return /[",;\t|]/.test(line) || line !== line.trim() ? `"${line.replaceAll('"', '""')}"` : line
}
