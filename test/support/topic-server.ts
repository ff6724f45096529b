/**
 * A far end that speaks as Amazon's Simple Notification Service and Scaleway's Topics and Events do: signed envelopes, the certificate to prove
 * them by, confirmations of subscriptions. It listens on this machine; `fetchText` leads every address of the services to it. The keys are
 * public and protect nothing; certificates are valid for a hundred years and made once, since Node cannot make them.
 */
import { createSign, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type FetchText, fetchText as fetchOverNetwork } from '../../src/delivery/feedback/fetch-text.ts'
import { type Envelope, signedText } from '../../src/delivery/feedback/sns/envelope.ts'

export const SES_TOPIC = 'arn:aws:sns:eu-west-1:123456789012:mail-news'
export const SCALEWAY_TOPIC = 'arn:scw:sns:fr-par:project-1234:mail-news'
const SES_CERTIFICATE = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem'
const SCALEWAY_CERTIFICATE = 'https://messaging.s3.fr-par.scw.cloud/fr-par/sns/sns_certificate_1.crt'

export interface TopicServer {
  readonly fetchText: FetchText
  readonly port: number
  /** Paths with their queries, in the order in which they were asked for. */
  readonly asked: string[]
  /** Answers every request with this status instead, until it is null again. */
  failWith: number | null
  /** What the list of mails answers. */
  mails: unknown[]
}

export async function topicServer(): Promise<TopicServer> {
  const asked: string[] = []
  const state: { failWith: number | null; mails: unknown[] } = { failWith: null, mails: [] }
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    asked.push(`${url.pathname}${url.search}`)
    if (state.failWith !== null) return response.writeHead(state.failWith).end()
    if (url.pathname.endsWith('/sns-trust-chain.pem')) return response.end(AUTHORITY)
    if (/\.(?:pem|crt)$/.test(url.pathname)) return response.end(url.pathname.includes('stranger') ? STRANGER : CERTIFICATE)
    if (url.searchParams.get('Action') === 'ConfirmSubscription') return response.end('<ConfirmSubscriptionResponse/>')
    if (url.pathname.endsWith('/emails')) return answerPage(url, state.mails, response)
    return response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  const { port } = server.address() as AddressInfo
  const fetchText: FetchText = (address, options) => {
    const url = new URL(address)
    return fetchOverNetwork(`http://127.0.0.1:${port}${url.pathname}${url.search}`, options)
  }
  return Object.assign(state, { asked, fetchText, port })
}

function answerPage(url: URL, mails: readonly unknown[], response: ServerResponse): void {
  const [page, size] = [Number(url.searchParams.get('page')), Number(url.searchParams.get('page_size'))]
  response.end(JSON.stringify({ total_count: mails.length, emails: mails.slice((page - 1) * size, page * size) }))
}

export interface EnvelopeWishes {
  readonly service?: 'ses' | 'scaleway'
  readonly version?: '1' | '2'
  readonly type?: Envelope['Type']
  readonly topic?: string
  readonly at?: Date
  readonly id?: string
  readonly token?: string
  /** Signed by somebody else's key, under the service's own certificate; or with a certificate that the service's host gives out for it. */
  readonly by?: 'stranger'
  readonly certificate?: string
}

/** The body of a request, signed as the service signs. */
export function envelopeOf(message: unknown, wishes: EnvelopeWishes = {}): Buffer {
  const { service = 'ses', version = '1', type = 'Notification', at = new Date(), id = randomUUID() } = wishes
  const isConfirmation = type !== 'Notification'
  const unsigned: Envelope = {
    Type: type,
    MessageId: id,
    TopicArn: wishes.topic ?? (service === 'ses' ? SES_TOPIC : SCALEWAY_TOPIC),
    Message: typeof message === 'string' ? message : JSON.stringify(message),
    Timestamp: at.toISOString(),
    SignatureVersion: version,
    Signature: '-',
    SigningCertURL: wishes.certificate ?? (service === 'ses' ? SES_CERTIFICATE : SCALEWAY_CERTIFICATE),
    ...(isConfirmation && { Token: wishes.token ?? 'a-token', SubscribeURL: 'https://attacker.example/confirm' }),
  }
  const signature = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
    .update(signedText(unsigned), 'utf8')
    .sign(wishes.by === 'stranger' ? STRANGER_KEY : KEY, 'base64')
  return Buffer.from(JSON.stringify({ ...unsigned, Signature: signature }))
}

const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIDIzCCAgugAwIBAgIUHtD3M3auNEVaAPdu7hQ8JL8FJXowDQYJKoZIhvcNAQEL
BQAwIDEeMBwGA1UEAwwVVG9waWNzIHRlc3QgYXV0aG9yaXR5MCAXDTI2MTEyMjAw
NTUzM1oYDzIxMjYxMDI5MDA1NTMzWjAgMR4wHAYDVQQDDBVUb3BpY3MgdGVzdCBh
dXRob3JpdHkwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCvrLzSdCxs
6qQYepY/al7XWXE5WY6oWkXE9mBFqeW7EAaqVzn8udFbJxSYLlmW4fvNSb74Q0ar
v12EGKcYw/EnR4ggg3u0q1ybBnahCt6PcjRS/uX8KXwLTqEZxSjhYyAjLCEZeOo0
jYexz1et5berJNiYGbT7afghBOIzxVwuZYObECwoJ6NOA5HinkaUywI26wXK4D2V
veAgEOhdVgXc7mccW/rl2KvoHbyVX04SbVRaHLzGuc6D1Wdd6Qovfl+1AL7SXBPU
b1mrZu2rwr2lN4KuPYM9If+zR+huYj2JwhkcpWmjQOB8dsjVJ4PObVmzXVqaKY49
GiJbBxgzbshbAgMBAAGjUzBRMB0GA1UdDgQWBBTpL87lHZM5rbiy0INbwb4Fl2ll
NzAfBgNVHSMEGDAWgBTpL87lHZM5rbiy0INbwb4Fl2llNzAPBgNVHRMBAf8EBTAD
AQH/MA0GCSqGSIb3DQEBCwUAA4IBAQATn9UoLzX7ATGh1sGAGFNqbtvuUjZ/eK6w
WDQKuekSmX43z37Zy4A0Sp2b/UFJCJVe0jjEW4iL+MsAIr/jtxlJSBGFedkgOqdT
xgiyljwWOs6y5JmO5nct4BdR9SY3qz93FjvUQ/Jf957BZPqC4G5MMTAJy9Ba78i+
SRkCF4uKm6H4plEuLuMJt1WQFSsuuTHKP3p1Ju0l3d6C1oMbUmXo32HXv2gAIJKp
FPT2hZ7pbxMY5KZ2mv4VTw+NomzYSYhqsel5UhOv/i1kAnFmRbBtQl4IkrUToCw4
T7ITvmL8xOCyzdIQ2l1d1qvn9bXpp4Wcu2z7EiuXYO2DV0A+dbgJ
-----END CERTIFICATE-----
`
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIICxTCCAa0CFBGwWLOTqE+YH3wx9SOxsjfTgYO5MA0GCSqGSIb3DQEBCwUAMCAx
HjAcBgNVBAMMFVRvcGljcyB0ZXN0IGF1dGhvcml0eTAgFw0yNjExMjIwMDU1MzRa
GA8yMTI2MTAyOTAwNTUzNFowHDEaMBgGA1UEAwwRc25zLmFtYXpvbmF3cy5jb20w
ggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDsb899mwPq6bhMioyyxZ8H
4r+sJ+2p2oLHm3dHKvwdBSoLuiosaHxMyhDAoIKIPTgW7AnkKWUKMnPebvH36RuZ
vv+rGIr0jElbsOIlj+pOXJIAR1cxfmQ34ZAIcDhnKDFTsFd2NMdvMcfcj7i8LwAp
XQDRIrtD1q2yXTlNIowZnKu2CJH+6hGHGLOXpbtYCe3u1ZB/tMUmW98lkmsztbNT
zGHpXJCHydd7vSw8rTMSdKbk6+IJUqlSabJa6DoqodnPNMWvwUg+wSxYQgznhg7u
iZFzJAJNbBg9W65Ep3xo8aBgIwXnMaL1W7mJaJpiy0gFIhOESsNaMqtMyDfEmyon
AgMBAAEwDQYJKoZIhvcNAQELBQADggEBADcF29xwCQJkNJz6ZM3s20T+zuQ4F54s
eFgtP5o23cNPhIs6YwHXr2N7l7nlSBirBeZAVUdrFnfzELMU0ekMP7D413KoIMyf
CSUwsQxmCbDW0kyJCABINdxpR+01TpA2A1mHz2mrclP6ZIJxwU1debi4fdpkMPOD
8irO5f7WPjR+SsHAI1ZL40nSmidkXxrAf+y0NyEVQ4wc+iJXPsik0sqntVIxW8i/
yc3VbYe0nFzZVs8tk+KIKU8hvwPSGcbJU/8KOy55Tb3CNtn77lw8cDiIkC+9JL5u
bipjTUpdUIJlA9sPFeGSjOw8o1mHNFlneF39Ta3y7mzl6R7R+gEUDQA=
-----END CERTIFICATE-----
`
const KEY = `-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDsb899mwPq6bhM
ioyyxZ8H4r+sJ+2p2oLHm3dHKvwdBSoLuiosaHxMyhDAoIKIPTgW7AnkKWUKMnPe
bvH36RuZvv+rGIr0jElbsOIlj+pOXJIAR1cxfmQ34ZAIcDhnKDFTsFd2NMdvMcfc
j7i8LwApXQDRIrtD1q2yXTlNIowZnKu2CJH+6hGHGLOXpbtYCe3u1ZB/tMUmW98l
kmsztbNTzGHpXJCHydd7vSw8rTMSdKbk6+IJUqlSabJa6DoqodnPNMWvwUg+wSxY
Qgznhg7uiZFzJAJNbBg9W65Ep3xo8aBgIwXnMaL1W7mJaJpiy0gFIhOESsNaMqtM
yDfEmyonAgMBAAECggEAKa9a2y/R5IBZZHFG9hveenLxTSZrAffK9+tCf9MlyO4I
qDGlzteLFrTHeFa0PNXiRjROWCIuNLqJcC2KTqWUHqqsg9tbYFs9ccOBU5MIgdFT
UmZBirHYdHu5u6shXpqY+8LK4MXUZZfWv129ebwloKVLiBPCBWdbj2ddO2q8XaVJ
Yhe4vej/w1p7CbJcCqTUXzceUIjmEogdqZ2kDzUXhV8UGhL0sFH5BDChbrHYmvgE
Am+sPSAwzv3bDSUuAciX2+XSnCdHhoInDDBuW1v4MzBQWGYCKuBunJ0CeFa1t5qn
zTSO1Af9lgsV4WXYeH7jTbsz39q6vp7ywt3rTT4QVQKBgQD66AWo93x8RfQAqHPL
4NhtH5puP8+xKqgHXPSPNr8cOs+Lg719F53HQlxVtjfAgMqI2uZYlONQ2/Q9eBmx
0rKGvrSPfxVboS6ufmVEppcNaA2sOPqw4XgmDek6GJGcVFY2/ERCZl7HGqv87kAs
kUeCd9Fn6Bn2EaBNHsTaTGS8tQKBgQDxPJbIPxm1SLcbe+XvfNiRs81feVRGp70Z
iYKPNdhXp7PVoRNMv9GjR7W5ufngqmYcQbTUjn3nRoKHEJkLgc6nCRBCBZpfdD9i
OeXD8vAOmthLtFfa4Ra7I1jn/tEoW2iy8Ip4jxttgZU071s2kLCWHRhyjreyGf7v
K/4y9cAw6wKBgClugvDB3VaQHpi1OFnkSRjL7S5jbyJsTs7YdLHpcmlw9LCvEm1D
pxQuSx0EN/Sbz9YFf6AFBfxmNdCosmWAy2Ygu6QuchJtbU33JTXO5IacNhXIWu02
biaqiWbEg9byvkHaKlNkoCX0q43asdIqM0rCClxEIXVWt8fEWvFJSCE5AoGBAJeL
KmWtTicWAQFg+fdShHIzc6awf4LLSP3L5pq0hq26Cjz/rTIfpkBeggikjhbWtMK3
fDOzN+Cb6M+UW7Bg4UMJbI8tGecxDchU+sP3z1o9Z/dW2YIEuNTixa0n5Jjno4QV
m8dUjzRhnSvd2X0Ts/r5WCxO/5MAxafWCSBWRV/1AoGBAJD/HRStK0qBS8XSx/h/
RY1XaLTwcu4qta3DPoKYIdGpKMjDXmWslsX0fgTCa9TajWrf1fSpgHuYVvEyl5qd
ZaVeMmtRl7GbrVsdFNlioMs95pQb0Q7eYCPQWDd/CVuUrJ8omRBrf/YSXTsraHN+
8AYWmuW05Sb8jslsTA7mzLAl
-----END PRIVATE KEY-----
`
/** Signed by itself. */
const STRANGER = `-----BEGIN CERTIFICATE-----
MIIDGzCCAgOgAwIBAgIUfTO12YhNXtVAElcESI7uC8S1a84wDQYJKoZIhvcNAQEL
BQAwHDEaMBgGA1UEAwwRc25zLmFtYXpvbmF3cy5jb20wIBcNMjYxMTIyMDA1NTM0
WhgPMjEyNjEwMjkwMDU1MzRaMBwxGjAYBgNVBAMMEXNucy5hbWF6b25hd3MuY29t
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtE2JHzstfEURbD7hIdNA
nFjixW09lZGR3wE5NQabrrqpBot6ZjiK0MByqMIv4sWFYrptMv29+mLrQc18wlCb
HM0IWJwFnrVYoLaXNjVMJhkTOTmTj+SUjjDTR4pwpEzWpcKm2CqW9YwqRbqbG4Kp
sMGFJBqrrZMlDyaIspveU9BdLruvj4ijPviPm8GMoSEvytahC5M8Ese/1jqFhZXx
sYsDLwbhj+qVHRTEi5JEsZVeJeDtlMzkmrjYzyTX7owzu3x+6WNE12iYd6UWOypW
3SX5mtcGze1DUPuKtPAGgg5h47v9oSNMPQM+aDQnTS16D0PT7i2uW+aXYrfgU3gM
EQIDAQABo1MwUTAdBgNVHQ4EFgQUyvzMCA08pnrSmNk0d9YAEObap5kwHwYDVR0j
BBgwFoAUyvzMCA08pnrSmNk0d9YAEObap5kwDwYDVR0TAQH/BAUwAwEB/zANBgkq
hkiG9w0BAQsFAAOCAQEALe29gROeulPYx5zevLKrezV4l4uzmaRlZf3MvfvkcJzr
3ccL0nyRlTBy4XwN2c+Eji8hsMSDMBvpuwUL0XjInIoWs1bgqZCywO9l4g2XSS98
SkYwkh04SPqIeFUeEjhOJSS7uy+HfZL1z3EcL5451AufvUlHUHlDXjT5/AsAjz8g
kSROaKDrA8eFI3wn+I/NXZEqyD7qqiwfF5o/xh4TD3WlLn9Ke9omv50byEzWLe4N
Y5FoYslFNrXXqTqqU0Qu+iRc6ClwMlnR+nkPRSsLu7e137CruAcoQBTgnNhTgtbJ
mmckDlHHKKgwRuYhSaebIFnUiMlo/9zYhuX7AhQnkA==
-----END CERTIFICATE-----
`
const STRANGER_KEY = `-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC0TYkfOy18RRFs
PuEh00CcWOLFbT2VkZHfATk1BpuuuqkGi3pmOIrQwHKowi/ixYVium0y/b36YutB
zXzCUJsczQhYnAWetVigtpc2NUwmGRM5OZOP5JSOMNNHinCkTNalwqbYKpb1jCpF
upsbgqmwwYUkGqutkyUPJoiym95T0F0uu6+PiKM++I+bwYyhIS/K1qELkzwSx7/W
OoWFlfGxiwMvBuGP6pUdFMSLkkSxlV4l4O2UzOSauNjPJNfujDO7fH7pY0TXaJh3
pRY7KlbdJfma1wbN7UNQ+4q08AaCDmHju/2hI0w9Az5oNCdNLXoPQ9PuLa5b5pdi
t+BTeAwRAgMBAAECggEABA0qd77QC7bvGGo0y5poPSMjrFlDLR9VYmgQAaSlfqh/
2A9uB4o9d0mdwfREGHHFCKYFAmRwfoX2wJamFyUxyRTD217dIvby+ACGVw/dR01g
sNReABmcK3JGKxk9pPl7iMO+FUUmuXuF7yVtaxG1b6z3iYtGYIr6BhRA9dd6CFLQ
cXq5l0PcZkfPy3Rlzmth/6imq2pI+LgMslrNzpOnpbeYmoivvP1ISSWRw4jka/wZ
Dj3yJGJmiNkwXhAB6f9LCj1B8CYpt6bnO3Usxi3iloDGVSsb6FONWZv7OtQLeVf5
MQyXLCVvmNXoA+5yj5WTKzN0IX9nh+weTLbnLpStwQKBgQDu8vrop3mmmFBMk5Zc
vbs6Vz1V79G6ncFvEWuzm0hhcAj1TbIZVfT185sgPzHXvWem0COGWnirRdsRCW1k
I+Z3f+RAbI5dUd7B/hf1Z7ieIZy1aUsOZZX4mS4Pcn59EpsrnForzOHjRMDJSD/Y
x/itZa8HwDlX9cwKWkifPcF+cQKBgQDBKzsVF6fI4zQaOGW5uypCXkF4HwuEBUOb
xnshumq6wpW1HNeoUWyWrY2P2qiesXbfq/a/MsJzvd6tXsg1y5xoHFa9tfEnnRKa
rTKaxx4O+ezGQcR0c/7G63ZUPnZwUDCajvRvrW1TzRTqc3gDVE/laIW5eoC1K90E
RbMMPZF3oQKBgQDIohSzjQvEKlgiNDoonNa8YcwKgFdljliA3evE3zmjNuMOtbI5
O8d3TJiQNv+u2kZR9qodgZGYngsW/wdu8gXtiOEqhvvyt2+HC8cqM3D8tdRTLpnq
+Lk4B8Z5CfXTJvBLafj8lgeFQJFvcM7LQv02+w5AP9LmXGh6uNwJeV0iwQKBgDGG
xwAyb3dnIX2zhglnvn8DsZ99vjMcMmhnLDzKkgDOURn9iiGCtuevGcOPWXpOn97b
NUlyVz7bqJMk4QpB6RkcYvUDCBCTCikUTQw4DzHhzF5MkHUXJHSV/GG/HhjPxpZq
HqvfeE9rHni6IEQiQtXbxaV3jjZlR6aHxE9YHcrhAoGBAK0Vs2lMABHuQXq/L9C/
KDyARnrLDbfwgUdrwKhVCo7pHJKL8Xtdwiu5B2RLHxE/H5b8PbBPktzlzmqMkGMa
2s3IPscgtugXz95/SjtrPI+TMFpg3m3Q9yPl1zOFleFeW0QU5+6UYHQI3QoDbKbQ
01evgso0ph5UmzES2eGhgwJL
-----END PRIVATE KEY-----
`
