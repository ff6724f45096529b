const MAX_TRANSCRIPT = 8 * 1024
const MAX_SAID = 1_000

/** A dialogue as a person reads it: `>` is us, `<` is the server, `*` what happened beside. The newest 8 KiB. */
export class Transcript {
  #text = ''

  client(line: string): void {
    this.#add(`> ${shown(line)}`)
  }

  server(code: number, text: string): void {
    this.#add(`< ${code} ${shown(text).replaceAll('\n', '\n<     ')}`)
  }

  note(what: string): void {
    this.#add(`* ${what}`)
  }

  append(earlier: string): void {
    if (earlier !== '') this.#add(earlier)
  }

  toString(): string {
    return this.#text
  }

  #add(lines: string): void {
    const text = this.#text === '' ? lines : `${this.#text}\n${lines}`
    this.#text = text.length > MAX_TRANSCRIPT ? `…${text.slice(text.length - MAX_TRANSCRIPT + 1)}` : text
  }
}

/** What strangers wrote must not draw on a terminal, and NUL cannot be stored. */
function shown(text: string): string {
  const cut = text.length > MAX_SAID ? `${text.slice(0, MAX_SAID)}…` : text
  return cut.replace(/\r?\n$/, '').replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '?')
}
