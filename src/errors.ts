/**
 * The catalogue of refusals: everything this server may say no to, its HTTP status, its title, and the sentence a person reads.
 * A refusal is about the request; a fault (a bug, dead infrastructure) is never one of these. The API, the documentation and the UI
 * read this one table. The sentences reveal nothing that the asker does not know already.
 */

/** What every refusal may add, beside what its own sentence needs. */
export interface RefusalContext {
  /** JSON pointer (RFC 6901) into the request body. */
  readonly pointer?: string
  /** The limit that was passed, in the unit that the sentence names. */
  readonly limit?: number
  readonly retryAfterSeconds?: number
  /** Each wrong field by itself, where several are. */
  readonly errors?: readonly FieldError[]
}

export interface FieldError {
  /** JSON pointer into the body, or */
  readonly pointer?: string
  /** the name of a parameter in the path or the query, or of a header. */
  readonly parameter?: string
  readonly detail: string
}

interface Entry {
  readonly status: number
  readonly title: string
  // The widest parameter that every sentence below accepts; `Details` recovers the exact one.
  readonly sentence: (details: never) => string
}

export const REFUSALS = {
  // The request itself
  malformed_json: {
    status: 400,
    title: 'The body is not JSON',
    sentence: (d: { why: string }) => `The body could not be read as JSON: ${d.why}.`,
  },
  malformed_request: {
    status: 400,
    title: 'The request cannot be read',
    sentence: (d: { why: string }) => `The request could not be read: ${d.why}.`,
  },
  invalid_request: { status: 422, title: 'Something in the request is wrong', sentence: (d: { why: string }) => d.why },
  invalid_address: {
    status: 422,
    title: 'Not an email address',
    sentence: (d: { text: string; why?: string }) =>
      `${quoted(d.text)} is not an email address that mail can be sent to${d.why ? `: ${d.why}` : ''}.`,
  },
  control_character: {
    status: 422,
    title: 'A control character is not allowed',
    sentence: (d: { field: string }) =>
      `${d.field} contains a line break or another control character. These are refused everywhere, because they could change a mail's header.`,
  },
  invalid_cursor: {
    status: 422,
    title: 'The cursor is not one of ours',
    sentence: () => 'The parameter `after` must be the `next` of a page of the same list, unchanged.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body must be JSON',
    sentence: () => 'Send the body as JSON with the header `Content-Type: application/json`.',
  },
  list_type_needed: {
    status: 415,
    title: 'The body must be a list',
    sentence: () =>
      'Send the list itself as the body, with the header `Content-Type: text/csv` or `Content-Type: application/x-ndjson`.',
  },
  mail_type_needed: {
    status: 415,
    title: 'The body must be a mail',
    sentence: () => 'Send the mail itself as the body, with the header `Content-Type: message/rfc822`.',
  },
  unknown_path: {
    status: 404,
    title: 'Nothing is here',
    sentence: (d: { path: string }) => `There is no endpoint at ${quoted(d.path)}. The list is at /docs and /openapi.json.`,
  },
  method_not_allowed: {
    status: 405,
    title: 'This method is not allowed here',
    sentence: (d: { method: string; allowed: string }) => `${d.method} is not possible here; allowed: ${d.allowed}.`,
  },
  not_found: {
    status: 404,
    title: 'Not found',
    sentence: (d: { what?: string }) => `There is no such ${d.what ?? 'thing'} in this workspace.`,
  },
  run_not_begun_yet: {
    status: 404,
    title: 'It has not begun yet',
    sentence: (d: { at: string }) =>
      `This run was asked for at ${d.at} and has not begun yet. It begins at once, or when its turn comes; where the workflow was switched off meanwhile, it does not.`,
  },
  run_did_not_begin: {
    status: 404,
    title: 'It did not begin',
    sentence: (d: { at: string; why: string }) =>
      `This run was asked for, and at ${d.at} it was decided not to begin it. ${d.why}`,
  },

  // Limits
  body_too_large: {
    status: 413,
    title: 'The request is too large',
    sentence: (d: { limit: number }) => `The body is larger than ${bytes(d.limit)}, the limit of this endpoint.`,
  },
  header_too_large: {
    status: 431,
    title: 'The request header is too large',
    sentence: (d: { limit: number }) => `The header of the request is larger than ${bytes(d.limit)}.`,
  },
  missing_value: {
    status: 422,
    title: 'A value is missing',
    sentence: (d: { name: string }) =>
      `The text uses ${quoted(`{{ ${d.name} }}`)}, but this recipient has no value of that name.`,
  },
  message_too_large: {
    status: 413,
    title: 'The message is too large',
    sentence: (d: { limit: number }) =>
      `The finished message would be larger than ${bytes(d.limit)}. Most servers refuse more than 25 MB; link to large files instead.`,
  },
  text_too_large: {
    status: 413,
    title: 'The text is too large',
    sentence: (d: { limit: number }) =>
      `The text and the HTML of a message may have ${bytes(d.limit)} each. Attach what is longer, or link to it.`,
  },
  too_many_recipients: {
    status: 413,
    title: 'Too many recipients',
    sentence: (d: { limit: number }) =>
      `A message may have ${d.limit} recipients in to, cc and bcc together. Send several messages.`,
  },
  too_many_attachments: {
    status: 413,
    title: 'Too many attachments',
    sentence: (d: { limit: number }) => `A message may have ${d.limit} attachments.`,
  },
  too_many_headers: {
    status: 413,
    title: 'Too many or too long headers',
    sentence: (d: { limit: number; unit: string }) => `A message may have ${d.limit} ${d.unit} of additional headers.`,
  },
  too_many_values: {
    status: 413,
    title: 'Too many values in the body',
    sentence: (d: { limit: number }) => `The body holds more than ${d.limit} values.`,
  },
  too_deep: {
    status: 413,
    title: 'The body is nested too deeply',
    sentence: (d: { limit: number }) => `The body is nested more than ${d.limit} levels deep.`,
  },

  // Who asks
  not_signed_in: {
    status: 401,
    title: 'Not signed in',
    sentence: () => 'Sign in, or send an API key as `Authorization: Bearer wb_…`.',
  },
  invalid_api_key: {
    status: 401,
    title: 'The API key is not valid',
    sentence: () => 'The API key is unknown, expired or revoked. Keys are made under Settings, API keys.',
  },
  session_ended: {
    status: 401,
    title: 'The session has ended',
    sentence: () => 'This session has ended or was signed out. Sign in again.',
  },
  wrong_credentials: {
    status: 401,
    title: 'Email or password is wrong',
    sentence: () => 'The email address and the password do not belong together.',
  },
  wrong_password: { status: 403, title: 'The password is wrong', sentence: () => 'The current password is not right.' },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    sentence: (d: { permission: string }) =>
      `This needs the permission ${d.permission}, which you do not have in this workspace. An owner or administrator can grant it.`,
  },
  person_needed: {
    status: 403,
    title: 'Only for people',
    sentence: () => 'Sessions, passwords, stars and notifications belong to people; an API key has none. Sign in for this.',
  },
  cross_site: {
    status: 403,
    title: 'Refused for your safety',
    sentence: () =>
      "A request that changes something and carries a session cookie must come from Waybill's own pages. Use an API key elsewhere.",
  },
  throttled: {
    status: 429,
    title: 'Too many tries',
    sentence: (d: { retryAfterSeconds: number }) => `Too many failed tries. Try again in ${duration(d.retryAfterSeconds)}.`,
  },

  // Accounts
  setup_done: {
    status: 409,
    title: 'Waybill is already set up',
    sentence: () => 'The first administrator exists already. Sign in, or ask an owner to add you as a member.',
  },
  setup_code_wrong: {
    status: 403,
    title: 'The set-up code is wrong',
    sentence: () =>
      'The set-up code is printed by the server when it starts, in the terminal or the log. It stays the same until set-up is done.',
  },
  email_taken: {
    status: 409,
    title: 'Already a member',
    sentence: (d: { email: string }) => `${quoted(d.email)} is a member of this workspace already.`,
  },
  user_exists: {
    status: 409,
    title: 'This person has an account already',
    sentence: (d: { email: string }) =>
      `${quoted(d.email)} has an account on this server already, so no password may be set here. Leave it out to add them.`,
  },
  last_owner: {
    status: 409,
    title: 'A workspace needs an owner',
    sentence: () => 'This is the last owner. Make someone else an owner first.',
  },
  too_many_keys: {
    status: 409,
    title: 'Too many API keys',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} API keys. Revoke one that is no longer used.`,
  },

  too_many_credentials: {
    status: 409,
    title: 'Too many credentials',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} SMTP credentials. Revoke one that is no longer used.`,
  },
  too_many_members: {
    status: 409,
    title: 'Too many members',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} members.`,
  },
  no_workspace: {
    status: 403,
    title: 'No workspace',
    sentence: () => 'Your account belongs to no workspace any more. Ask an owner to add you again.',
  },

  // Messages and deliveries
  idempotency_key_reused: {
    status: 409,
    title: 'The idempotency key was used for another request',
    sentence: () =>
      'This Idempotency-Key came with a different body before. Repeat the same body for the same message, or use a new key for a new one.',
  },
  wrong_state: {
    status: 409,
    title: 'Not possible in this state',
    sentence: (d: { what: string; state: string; action: string }) => `A ${d.what} that is ${d.state} cannot be ${d.action}.`,
  },
  nothing_to_do: {
    status: 409,
    title: 'No delivery can do that',
    sentence: (d: { of?: string; action: string }) =>
      `None of ${d.of ?? "this message's deliveries"} is in a state in which it can be ${d.action}.`,
  },
  not_kept: {
    status: 410,
    title: 'Not kept any more',
    sentence: (d: { what: string }) => `${d.what} is not kept any more.`,
  },

  mail_unreadable: {
    status: 422,
    title: 'The mail cannot be shown',
    sentence: (d: { why: string }) => `${d.why} Its source can be read.`,
  },

  // Conversations
  recipient_needed: {
    status: 422,
    title: 'Nobody to send it to',
    sentence: () => 'Write at least one address into To, Cc or Bcc.',
  },
  conversation_moved_on: {
    status: 409,
    title: 'Something new came in while you wrote',
    sentence: (d: { count: number }) =>
      `${d.count === 1 ? 'A message was' : `${d.count} messages were`} added to this conversation after you began. Nothing was sent and nothing is lost: look first, or send anyway.`,
  },
  undo_too_late: {
    status: 409,
    title: 'It has left already',
    sentence: () => 'This message can no longer be taken back: it was handed to the mail server.',
  },
  draft_changed: {
    status: 409,
    title: 'The draft was changed elsewhere',
    sentence: () => 'You changed this draft in another window. Load it again, or save over it.',
  },
  sender_not_of_inbox: {
    status: 422,
    title: 'Not an address of this inbox',
    sentence: (d: { address: string }) =>
      `${quoted(d.address)} is not an address that this inbox may send from. Its settings say which aliases may.`,
  },
  nothing_written: { status: 422, title: 'Nothing was written', sentence: () => 'Write something, or attach a file.' },
  attachments_too_large: {
    status: 413,
    title: 'The files are too large together',
    sentence: (d: { limit: number }) =>
      `All files of a message together may have ${bytes(d.limit)}; most servers refuse more. Link to large files instead.`,
  },
  too_many_saved_replies: {
    status: 409,
    title: 'Too many saved replies',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} saved replies and folders.`,
  },

  too_many_templates: {
    status: 409,
    title: 'Too many templates',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} templates. Remove one that nobody uses.`,
  },
  too_many_images: {
    status: 409,
    title: 'Too many images',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} images. Remove some that nothing shows.`,
  },
  not_a_picture: {
    status: 422,
    title: 'Not a picture that mail can show',
    sentence: (d: { why: string }) => `${d.why} Mail programs show PNG, JPEG, GIF and WebP.`,
  },
  in_use: {
    status: 409,
    title: 'It is in use',
    sentence: (d: { what: string; by: string }) => `This ${d.what} is used by ${d.by}. Nothing was removed.`,
  },

  // Many at once
  preview_is_old: {
    status: 409,
    title: 'Something changed since the preview',
    sentence: (d: { expected: number; found: number }) =>
      `The preview said ${d.expected}, but now it is ${d.found}. Nothing was done: look again and decide anew.`,
  },

  // Routes
  route_name_taken: {
    status: 409,
    title: 'The name is taken',
    sentence: (d: { name: string }) => `There is a route named ${quoted(d.name)} already.`,
  },
  route_in_use: {
    status: 409,
    title: 'The route is in use',
    sentence: (d: { why: string }) => `The route cannot be removed: ${d.why}.`,
  },
  too_many_views: {
    status: 409,
    title: 'Too many views',
    sentence: (d: { limit: number }) => `There may be ${d.limit} views of this kind. Remove one that is no longer used.`,
  },
  not_your_view: {
    status: 403,
    title: 'The view is somebody else’s',
    sentence: (d: { name: string }) =>
      `The view ${quoted(d.name)} is shared: whoever made it, or an administrator, can change it. You can save one like it for yourself.`,
  },
  changed_meanwhile: {
    status: 409,
    title: 'Somebody was quicker',
    sentence: (d: { happened: string }) => `${d.happened} since you looked. Nothing was changed; look at it and decide again.`,
  },
  workflow_has_problems: {
    status: 422,
    title: 'The workflow cannot be published yet',
    sentence: (d: { first: string; more: number }) =>
      `${d.first}${d.more === 0 ? '' : ` And ${d.more === 1 ? 'one more problem' : `${d.more} more problems`}.`}`,
  },
  conversation_deleted: {
    status: 409,
    title: 'The conversation is deleted',
    sentence: (d: { number: number }) => `Conversation #${d.number} is deleted. Restore it first.`,
  },
  conversation_merged: {
    status: 409,
    title: 'The conversation is part of another',
    sentence: (d: { number: number; into: number }) =>
      `Conversation #${d.number} is part of #${d.into} now. Go on there, or take the merging back.`,
  },
  cannot_sleep: {
    status: 409,
    title: 'Only what is open or pending can be snoozed',
    sentence: () => 'This conversation is closed or spam, so there is nothing to be reminded of. Open it first.',
  },
  not_later: {
    status: 422,
    title: 'The time has passed',
    sentence: () => 'Choose a time in the future.',
  },
  too_many_tags: {
    status: 409,
    title: 'Too many tags',
    sentence: (d: { limit: number }) => `A conversation may have ${d.limit} tags. Take one off first.`,
  },
  cannot_work: {
    status: 409,
    title: 'They have no access to this inbox',
    sentence: () =>
      'The person cannot be assigned: they have no access to this inbox, or may only read. Give them access in the settings of the inbox.',
  },
  label_of_another_status: {
    status: 422,
    title: 'The label is of another status',
    sentence: (d: { label: string; status: string }) => `The label ${quoted(d.label)} belongs to the status ${d.status}.`,
  },
  fields_missing: {
    status: 409,
    title: 'Something has to be filled in first',
    sentence: (d: { names: string }) => `Before this conversation is closed, fill in: ${d.names}.`,
  },
  field_wrong: {
    status: 422,
    title: 'A field cannot hold this',
    sentence: (d: { name: string; why: string }) => `${quoted(d.name)} ${d.why}.`,
  },
  not_mergeable: {
    status: 409,
    title: 'These cannot be merged',
    sentence: (d: { why: string }) => d.why,
  },
  not_unmergeable: {
    status: 409,
    title: 'The merging cannot be taken back',
    sentence: (d: { why: string }) => d.why,
  },
  not_splittable: {
    status: 409,
    title: 'These cannot be split off',
    sentence: (d: { why: string }) => d.why,
  },
  too_large_to_clone: {
    status: 409,
    title: 'The conversation is too long to be cloned',
    sentence: (d: { limit: number }) =>
      `A conversation with at most ${d.limit} entries can be cloned. Split off what you need instead.`,
  },
  too_many_links: {
    status: 409,
    title: 'Too many links',
    sentence: (d: { limit: number }) => `A conversation may have ${d.limit} links.`,
  },
  too_many_participants: {
    status: 409,
    title: 'Too many participants',
    sentence: (d: { limit: number }) => `A conversation may have ${d.limit} participants.`,
  },
  setting_name_taken: {
    status: 409,
    title: 'The name is taken',
    sentence: (d: { what: string; name: string }) => `There is a ${d.what} with the name ${quoted(d.name)} already.`,
  },
  too_many_of_these: {
    status: 409,
    title: 'Too many of these',
    sentence: (d: { limit: number; what: string }) => `A workspace may have ${d.limit} ${d.what}. Remove one that nobody uses.`,
  },
  private_address_refused: {
    status: 422,
    title: 'A private address needs to be allowed',
    sentence: (d: { host: string }) =>
      `${quoted(d.host)} is an address of this machine or of a private network. Allow private addresses for this route, if that is what you mean.`,
  },
  mailbox_name_taken: {
    status: 409,
    title: 'The name is taken',
    sentence: (d: { name: string }) => `There is a mailbox named ${quoted(d.name)} already.`,
  },
  mailbox_in_use: {
    status: 409,
    title: 'The mailbox is in use',
    sentence: (d: { why: string }) => `The mailbox cannot be removed: ${d.why}.`,
  },
  too_many_mailboxes: {
    status: 409,
    title: 'Too many mailboxes',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} mailboxes.`,
  },
  source_name_taken: {
    status: 409,
    title: 'The name is taken',
    sentence: (d: { name: string }) => `There is a source named ${quoted(d.name)} already.`,
  },
  source_mailbox_taken: {
    status: 409,
    title: 'The mailbox is fetched from already',
    sentence: (d: { name: string }) =>
      `The source ${quoted(d.name)} fetches from this mailbox. Two that do would take mail from each other; add folders to the one that is there.`,
  },
  too_many_sources: {
    status: 409,
    title: 'Too many sources',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} sources.`,
  },
  oauth_state_wrong: {
    status: 400,
    title: 'This way back does not belong to you',
    sentence: () =>
      'What came back from the provider was not begun by this session, was changed, or took longer than 15 minutes. Begin again with "Connect".',
  },
  oauth_refused: {
    status: 422,
    title: 'The provider did not let us in',
    sentence: (d: { said: string }) => `The provider refused: ${d.said}. Nothing was changed here.`,
  },
  oauth_app_missing: {
    status: 409,
    title: 'No application is registered',
    sentence: (d: { provider: string }) =>
      `To connect a mailbox of ${d.provider}, register an application there first and enter its client id and secret.`,
  },
  oauth_app_in_use: {
    status: 409,
    title: 'The application is in use',
    sentence: () => 'Mailboxes are connected through this application. Remove them or give them a password first.',
  },
  too_many_canaries: {
    status: 409,
    title: 'Too many canaries',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} canaries.`,
  },
  too_many_webhooks: {
    status: 409,
    title: 'Too many webhooks',
    sentence: (d: { limit: number }) => `A workspace has at most ${d.limit} webhooks. Remove one that is not needed.`,
  },
  invalid_webhook_url: {
    status: 422,
    title: 'Not an address for a webhook',
    sentence: (d: { why: string }) => `This cannot be the address of a webhook: ${d.why}.`,
  },
  domain_taken: {
    status: 409,
    title: 'The domain is there already',
    sentence: (d: { name: string }) => `The workspace has the domain ${quoted(d.name)} already.`,
  },
  too_many_domains: {
    status: 409,
    title: 'Too many domains',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} domains.`,
  },
  rotation_under_way: {
    status: 409,
    title: 'New keys cannot be made now',
    sentence: (d: { name: string }) =>
      `${quoted(d.name)} has keys that wait to be published: publish those first. New ones are made when they are in use.`,
  },
  already_suppressed: {
    status: 409,
    title: 'Already suppressed',
    sentence: (d: { address: string }) => `${quoted(d.address)} is suppressed already.`,
  },

  // Inboxes and people
  inbox_name_taken: {
    status: 409,
    title: 'The name is taken',
    sentence: (d: { name: string }) => `There is an inbox named ${quoted(d.name)} already.`,
  },
  too_many_inboxes: {
    status: 409,
    title: 'Too many inboxes',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} inboxes.`,
  },
  inbox_in_use: {
    status: 409,
    title: 'The inbox is not empty',
    sentence: (d: { conversations: number }) =>
      `The inbox has ${d.conversations} conversation${d.conversations === 1 ? '' : 's'}. Say which inbox they move to, or close it instead.`,
  },
  address_in_use: {
    status: 409,
    title: 'The address belongs to another',
    sentence: (d: { address: string; why: string }) => `${quoted(d.address)} cannot be used here: ${d.why}.`,
  },
  unknown_variable: {
    status: 422,
    title: 'There is no such variable',
    sentence: (d: { name: string; meant?: string }) =>
      `${quoted(`{{ ${d.name} }}`)} stands for nothing here.${d.meant ? ` Perhaps ${quoted(`{{ ${d.meant} }}`)} was meant.` : ''}`,
  },
  team_name_taken: {
    status: 409,
    title: 'The name is taken',
    sentence: (d: { name: string }) => `There is a team named ${quoted(d.name)} already.`,
  },
  too_many_teams: {
    status: 409,
    title: 'Too many teams',
    sentence: (d: { limit: number }) => `A workspace may have ${d.limit} teams.`,
  },
  too_many_addresses: {
    status: 409,
    title: 'Too many addresses',
    sentence: (d: { limit: number }) => `There may be ${d.limit} addresses here.`,
  },
  list_name_taken: {
    status: 409,
    title: 'The name is taken',
    sentence: (d: { name: string }) => `There is a list named ${quoted(d.name)} already, or one with the same short name.`,
  },
  form_not_ready: {
    status: 409,
    title: 'The form is not ready',
    sentence: (d: { why: string }) => d.why,
  },
  form_address_taken: {
    status: 409,
    title: 'The address is taken',
    sentence: (d: { slug: string }) => `Another form has the address ${quoted(d.slug)}. Choose another one.`,
  },
  consent_refused: {
    status: 409,
    title: 'Only they themselves may',
    sentence: (d: { why: string }) => `Nothing was changed: ${d.why}.`,
  },
  import_refused: {
    status: 422,
    title: 'The file cannot be imported',
    sentence: (d: { why: string }) => d.why,
  },
  contacts_not_joined: {
    status: 409,
    title: 'They cannot be joined or parted',
    sentence: (d: { why: string }) => `Nothing was done: ${d.why}.`,
  },

  // The server
  too_busy: {
    status: 503,
    title: 'Busy',
    sentence: () => 'The server is handling as much as it can at this moment. Nothing was done; try again in a moment.',
  },
  database_unavailable: {
    status: 503,
    title: 'The database cannot be used',
    sentence: () => 'The database cannot be reached, or it cannot write. Nothing was done; try again in a moment.',
  },
  storage_full: {
    status: 503,
    title: 'No room to store it',
    sentence: () =>
      'The disk of the server is full, or may not be written to, so this message could not be kept. Nothing was done; try again when there is room.',
  },
  stopping: {
    status: 503,
    title: 'The server is stopping',
    sentence: () => 'The server is being stopped or restarted. Nothing was done; try again in a moment.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    sentence: (d: { reference: string }) =>
      `This is a fault of the server, not of your request. Its log has the cause under the reference ${d.reference}.`,
  },
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof REFUSALS
export const ERROR_CODES = Object.keys(REFUSALS) as readonly ErrorCode[]

type Needs<Code extends ErrorCode> = Parameters<(typeof REFUSALS)[Code]['sentence']> extends [infer Details] ? Details : unknown
/** What the sentence of a code needs, and what every refusal may add. */
export type RefusalDetails<Code extends ErrorCode> = Needs<Code> & RefusalContext

/** The request may not be done. Thrown, because a caller can only report it. */
export class Refusal<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'Refusal'
  readonly code: Code
  readonly details: RefusalContext & Readonly<Record<string, unknown>>

  constructor(code: Code, ...details: unknown extends Needs<Code> ? [RefusalContext?] : [RefusalDetails<Code>]) {
    const given = (details[0] ?? {}) as RefusalContext & Record<string, unknown>
    super(REFUSALS[code].sentence(given as never))
    this.code = code
    this.details = given
  }

  get status(): number {
    return REFUSALS[this.code].status
  }

  get title(): string {
    return REFUSALS[this.code].title
  }
}

/** What people wrote, safe to show again: short, on one line. */
function quoted(text: string): string {
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd')
  return `"${line.length > 100 ? `${line.slice(0, 100)}…` : line}"`
}

function bytes(n: number): string {
  if (n >= 1_048_576) return `${Math.floor(n / 1_048_576)} MB`
  return n >= 1024 ? `${Math.floor(n / 1024)} KB` : `${n} bytes`
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds} second${seconds === 1 ? '' : 's'}`
  return `${Math.ceil(seconds / 60)} minutes`
}
