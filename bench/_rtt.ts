import { createResolver } from '/work/main/src/dns/resolver.ts'
import { providerTo } from '/work/main/test/support/smtp-route.ts'
import { aHandoff } from '/work/main/test/support/handoff.ts'
import { delayProxy } from '/work/main/test/support/delay-proxy.ts'
import { startSink } from '/work/main/bench/sink.ts'
for (const chunking of [false, true]) {
  const sink = await startSink({ chunking })
  const proxy = await delayProxy({ to: sink, oneWayMs: 25 })
  const provider = providerTo(proxy)
  const h = aHandoff({ content: 'Subject: x\r\n\r\n' + 'x'.repeat(70).concat('\r\n').repeat(56) })
  const n = chunking ? 6000 : 1500
  let started = 0, ended = 0
  const t = performance.now()
  await new Promise<void>((res) => { const next = () => { started++; provider.send(h).then((r) => { ended++; if (r.outcomes[0]!.kind !== 'accepted') console.log(r.outcomes); if (ended === n) res(); while (started < n && started - ended < provider.capacity) next() }) }; while (started < provider.capacity) next() })
  console.log(chunking, Math.round(n / (performance.now() - t) * 1000), '/s', provider.capacity)
  await provider.close(1000); await proxy.close(); sink.stop()
}
