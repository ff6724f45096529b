import { createHash, type Hash, hash } from 'node:crypto'
import { join } from 'node:path'
import { type NewFile, newFile } from './durable-file.ts'
import { fitsRow, INLINE_BYTES, inRow, locationOf, type StagedBlob } from './staged-blob.ts'

/** Takes a content piece by piece. What fits into a row stays in memory; from the first byte too many on, everything goes to a file. */
export class BlobWriter {
  readonly #folder: string
  readonly #workspaceId: string
  /** Of what went to the file. What stays in memory is looked at once, at its end. */
  #hash: Hash | null = null
  #kept: Buffer[] = []
  #file: NewFile | null = null
  #size = 0

  constructor(folder: string, workspaceId: string) {
    this.#folder = folder
    this.#workspaceId = workspaceId
  }

  /** The next bytes, after the promise of those before. Nothing to wait for while they stay in memory. */
  write(bytes: Buffer): Promise<void> | undefined {
    this.#size += bytes.length
    this.#hash?.update(bytes)
    if (this.#file) return this.#file.write(bytes)
    this.#kept.push(bytes)
    return this.#size > INLINE_BYTES ? this.#spill() : undefined
  }

  /** Durable, but for the row. Nothing to wait for when it fits into one. */
  finish(): StagedBlob | Promise<StagedBlob> {
    if (this.#file) return this.#place(this.#file)
    const bytes = this.#kept.length === 1 ? (this.#kept[0] as Buffer) : Buffer.concat(this.#kept)
    this.#kept = [bytes]
    if (!fitsRow(bytes)) return this.#spill().then(() => this.#place(this.#file as NewFile))
    this.#kept = []
    const digest = hash('sha256', bytes, 'buffer')
    return { workspaceId: this.#workspaceId, hash: digest, sizeBytes: this.#size, location: null, ...inRow(bytes) }
  }

  /** Nobody wants it any more. */
  async discard(): Promise<void> {
    this.#kept = []
    await this.#file?.discard()
  }

  async #spill(): Promise<void> {
    this.#file = await newFile(join(this.#folder, this.#workspaceId))
    const kept = Buffer.concat(this.#kept)
    this.#kept = []
    this.#hash = createHash('sha256').update(kept)
    await this.#file.write(kept)
  }

  async #place(file: NewFile): Promise<StagedBlob> {
    const digest = (this.#hash as Hash).digest()
    const location = locationOf(this.#workspaceId, digest)
    await file.place(join(this.#folder, location))
    return { workspaceId: this.#workspaceId, hash: digest, sizeBytes: this.#size, ascii: null, bytes: null, location }
  }
}
