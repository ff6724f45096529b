/** Servers of many tests run at one time on this machine: each says itself which SMTP ports it wants. */
export const SMTP_PORTS_OFF = {
  WAYBILL_SUBMISSION_PORT: '0',
  WAYBILL_SUBMISSION_TLS_PORT: '0',
  WAYBILL_INBOUND_PORT: '0',
} as const
