/** What Scaleway Transactional Email takes over its API (v1alpha1), as its documentation of 2026 says. */
export const SCALEWAY_LIMITS = {
  /** The mail with all its files: the whole request is held to it, which is a little stricter. */
  requestBytes: 2_000_000,
  attachments: 10,
  recipients: 10,
  /** Subject, text and HTML each. */
  characters: 10,
} as const

/** Files of any other type are refused there. Archives need its larger plan: whether the account has it, Scaleway says itself. */
export const SCALEWAY_FILE_TYPES: ReadonlySet<string> = new Set([
  'application/acad',
  'application/acad-template',
  'application/autocad_dwg',
  'application/autocad_dxf',
  'application/dwf',
  'application/dxf',
  'application/ics',
  'application/msword',
  'application/pdf',
  'application/pkcs10',
  'application/pkcs7-mime',
  'application/pkcs7-signature',
  'application/vnd.dwt',
  'application/vnd.ms-excel',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.template',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/x-dwf',
  'application/x-dwg',
  'application/x-dwt',
  'application/x-dxf',
  'application/x-pkcs12',
  'application/x-pkcs7-certificates',
  'application/x-pkcs7-certreqresp',
  'application/x-pkcs7-crl',
  'application/x-pkcs7-mime',
  'application/x-pkcs7-signature',
  'application/xml',
  'application/zip',
  'audio/mpeg',
  'audio/wav',
  'image/gif',
  'image/jpeg',
  'image/jpg',
  'image/png',
  'image/svg+xml',
  'image/tiff',
  'image/vnd.dwg',
  'image/vnd.dxf',
  'image/webp',
  'model/vnd.dwf',
  'text/calendar',
  'text/csv',
  'text/html',
  'text/plain',
  'text/xml',
])

/**
 * Header fields that Scaleway writes itself, since it composes the mail anew: those of the form, the moment and the id, and what belongs to
 * the way a mail has come. A signature of ours would not fit the new mail, so it is left out as well; Scaleway signs for the domain.
 */
export const SCALEWAY_WRITES: ReadonlySet<string> = new Set([
  'content-transfer-encoding',
  'content-type',
  'date',
  'dkim-signature',
  'message-id',
  'mime-version',
  'received',
  'return-path',
])

/** Fields of a part that the far side writes itself, or that mean nothing without the part's own place in the message. */
export const SCALEWAY_PART_WRITES: ReadonlySet<string> = new Set([
  'content-disposition',
  'content-id',
  'content-transfer-encoding',
  'content-type',
  'mime-version',
  'x-attachment-id',
])

export function scalewayBaseUrl(region: string): string {
  return `https://api.scaleway.com/transactional-email/v1alpha1/regions/${region}`
}
