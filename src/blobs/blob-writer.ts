import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type NewFile, newFile } from './durable-file.ts'
import { fitsRow, INLINE_BYTES, inRow, locationOf, type StagedBlob } from './staged-blob.ts'

/** Takes a content piece by piece. What fits into a row stays in memory; from the first byte too many on, everything goes to a file. */
export class BlobWriter {
  readonly #folder: string
  readonly #workspaceId: string
  readonly #hash = createHash('sha256')
  #kept: Buffer[] = []
  #file: NewFile | null = null
  #size = 0

  constructor(folder: string, workspaceId: string) {
    this.#folder = folder
    this.#workspaceId = workspaceId
  }

  /** The next bytes, after the promise of those before. Nothing to wait for while they stay in memory. */
  write(bytes: Buffer): Promise<void> | undefined {
    this.#hash.update(bytes)
    this.#size += bytes.length
    if (this.#file) return this.#file.write(bytes)
    this.#kept.push(bytes)
    return this.#size > INLINE_BYTES ? this.#spill() : undefined
  }

  /** Durable, but for the row. Nothing to wait for when it fits into one. */
  finish(): StagedBlob | Promise<StagedBlob> {
    const hash = this.#hash.digest()
    const blob = { workspaceId: this.#workspaceId, hash, sizeBytes: this.#size, ascii: null, bytes: null, location: null }
    if (this.#file) return this.#place(blob, this.#file)
    const bytes = this.#kept.length === 1 ? (this.#kept[0] as Buffer) : Buffer.concat(this.#kept)
    this.#kept = []
    if (fitsRow(bytes)) return { ...blob, ...inRow(bytes) }
    this.#kept = [bytes]
    return this.#spill().then(() => this.#place(blob, this.#file as NewFile))
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
    await this.#file.write(kept)
  }

  async #place(blob: StagedBlob, file: NewFile): Promise<StagedBlob> {
    const location = locationOf(this.#workspaceId, blob.hash)
    await file.place(join(this.#folder, location))
    return { ...blob, location }
  }
}
