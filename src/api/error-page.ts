import { ERROR_CODES, type ErrorCode, REFUSALS } from '../errors.ts'
import { errorsOf } from './endpoint.ts'
import { ENDPOINTS } from './endpoints/all.ts'

/** docs/errors.md: the catalogue of refusals for people, written from the table that the server answers by. */
export function errorsMarkdown(): string {
  const rows = [...ERROR_CODES]
    .sort((a, b) => REFUSALS[a].status - REFUSALS[b].status)
    .map((code) => `| ${REFUSALS[code].status} | \`${code}\` | ${REFUSALS[code].title} | ${askedBy(code)} |`)
  return `# Errors

Every refusal is a problem document (RFC 9457, \`application/problem+json\`): \`code\` for programs, \`detail\` for people, \`pointer\` for the
field that is wrong, \`limit\` for the limit that was passed, \`retry_after\` for how many seconds to wait. A refusal means that nothing was done.

\`\`\`json
{
  "type": "/docs#error-too_many_recipients",
  "title": "${REFUSALS.too_many_recipients.title}",
  "status": 413,
  "code": "too_many_recipients",
  "detail": "${REFUSALS.too_many_recipients.sentence({ limit: 50 })}",
  "pointer": "/to",
  "limit": 50
}
\`\`\`

Try again, after \`Retry-After\`, what was answered with 429 or 503; with an \`Idempotency-Key\` also what was not answered at all. A 500 is a
fault of the server: its \`reference\` stands in the server's log beside the cause.

| status | code | what it means | where |
|---|---|---|---|
${rows.join('\n')}
`
}

const FEW = 4

function askedBy(code: ErrorCode): string {
  const paths = [
    ...new Set(ENDPOINTS.filter((endpoint) => errorsOf(endpoint).includes(code)).map(({ method, path }) => `${method} ${path}`)),
  ]
  if (paths.length === 0) return 'any address'
  return paths.length > FEW ? `${paths.length} endpoints` : paths.map((path) => `\`${path}\``).join(', ')
}
