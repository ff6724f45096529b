/** What fetches links and pictures without being somebody who reads. Names as they stand in User-Agent, lower case. */
import type { Who } from './hit.ts'

interface Agent {
  readonly pattern: RegExp
  readonly who: Extract<Who, 'proxy' | 'scanner'>
}

/** The first that fits decides. */
export const AGENTS: readonly Agent[] = [
  // Mail providers that fetch pictures on behalf of readers: often when the mail is opened, sometimes long before.
  { pattern: /googleimageproxy/, who: 'proxy' },
  { pattern: /yahoomailproxy/, who: 'proxy' },
  { pattern: /seznamemailproxy/, who: 'proxy' },
  { pattern: /duckduckgo-email|protonmail|fastmail|imageproxy|image-proxy|mailproxy/, who: 'proxy' },
  // Apple's privacy protection says no more than this, and fetches everything whether it is read or not.
  { pattern: /^mozilla\/5\.0$/, who: 'proxy' },
  // Gateways that try links before people may.
  {
    pattern: /barracuda|proofpoint|mimecast|trendmicro|trend micro|symantec|messagelabs|fireeye|trellix|forcepoint|websense/,
    who: 'scanner',
  },
  {
    pattern: /zscaler|checkpoint|sophos|kaspersky|bitdefender|avanan|ironport|hornetsecurity|vade|safelinks|urldefense/,
    who: 'scanner',
  },
  {
    pattern: /microsoft office (existence|protocol) discovery|microsoft-office|bingpreview|skypeuripreview|msnbot/,
    who: 'scanner',
  },
  // Previews in chats.
  {
    pattern: /facebookexternalhit|slackbot|slack-imgproxy|whatsapp|telegrambot|twitterbot|discordbot|linkedinbot|mattermost/,
    who: 'scanner',
  },
  // Programs.
  { pattern: /headlesschrome|phantomjs|puppeteer|playwright|selenium|electron-fetch/, who: 'scanner' },
  {
    pattern: /^(curl|wget|python|go-http-client|java|okhttp|axios|node|ruby|perl|libwww|php|apache-httpclient|postman|httpie)\b/,
    who: 'scanner',
  },
  { pattern: /bot\b|crawler|spider|scanner|preview|validator|monitor|linkcheck|prefetch/, who: 'scanner' },
]
