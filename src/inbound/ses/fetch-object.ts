import type { Db } from '../../db/database.ts'
import { signed } from '../../delivery/providers/ses/sign.ts'
import { findRoute, sealOf } from '../../delivery/routes/manage.ts'
import { SECOND } from '../../lib/clock.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { MAX_MAIL_BYTES } from '../mail-size.ts'

/** Why a mail cannot be had from S3, in a sentence, and what helps. */
export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing'
  readonly hint: string
  constructor(sentence: string, hint: string) {
    super(sentence)
    this.hint = hint
  }
}

/** GET, without redirects; null for anything but success, with its status. */
export type FetchObject = (
  url: string,
  headers: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly bytes: Buffer | null }>

/** SNS waits 15 seconds for an answer, and then tells again. */
const TIMEOUT_MS = 12 * SECOND

export const fetchObject: FetchObject = async (url, headers) => {
  const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) {
    await response.body?.cancel()
    return { status: response.status, bytes: null }
  }
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of response.body ?? []) {
    size += piece.length
    if (size > MAX_MAIL_BYTES) return { status: 413, bytes: null }
    pieces.push(piece)
  }
  return { status: response.status, bytes: Buffer.concat(pieces) }
}

const HINT = 'Name a route to Amazon SES in this source, whose access key may read the bucket (s3:GetObject).'

/** The mail where SES put it, with the access of the route that the source names. Keys that SES makes need no encoding; others are not asked for. */
export async function objectOf(
  { db, secrets, fetchObject: fetcher, now }: { db: Db; secrets: Pick<Secrets, 'open'>; fetchObject: FetchObject; now: Date },
  workspaceId: WorkspaceId,
  routeId: RouteId | null,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): Promise<Buffer> {
  const route = routeId && (await findRoute(db, workspaceId, routeId))
  if (route?.way.kind !== 'ses' || !route.way.sealedSecret)
    throw new ObjectMissing(
      `The mail lies in the bucket ${bucket}, and the source does not say with whose access to read it.`,
      HINT,
    )
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || !/^[\w.~/-]{1,1024}$/.test(key) || key.includes('..'))
    throw new ObjectMissing(
      'The place in S3 that was told is none that SES makes.',
      'Choose a prefix of letters and digits in the rule of SES.',
    )
  const { region, access_key_id: accessKeyId } = route.way.settings
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
  const path = `/${bucket}/${key}`
  const headers = { host, 'x-amz-content-sha256': EMPTY }
  const secretAccessKey = secrets.open(route.way.sealedSecret, sealOf(route.id))
  const request = { method: 'GET', path, query: '', headers, body: '' }
  const { status, bytes } = await fetcher(
    `https://${host}${path}`,
    signed(request, { accessKeyId, secretAccessKey, region, service: 's3' }, now),
  )
  if (bytes) return bytes
  throw status === 413
    ? new ObjectMissing('The mail in S3 is larger than 50 MB.', 'It stays in the bucket.')
    : new ObjectMissing(`S3 answered ${status} when the mail was to be read from the bucket ${bucket}.`, HINT)
}

/** SHA-256 of nothing. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
