import { readStencil, type Stencil } from '../../mail/stencil.ts'

const KEPT = 8

/** Stencils read lately, by the hash of their content: a campaign's mails all have the same one. Each is read anew where it is not known any more. */
export class Stencils {
  private readonly known = new Map<string, Stencil>()

  of(hash: string, content: string): Stencil {
    const known = this.known.get(hash) ?? readStencil(content)
    this.known.delete(hash)
    this.known.set(hash, known)
    if (this.known.size > KEPT) this.known.delete(this.known.keys().next().value ?? '')
    return known
  }
}
