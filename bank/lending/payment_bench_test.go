package lending_test

import (
	"sync/atomic"
	"syscall"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"sofipo/bank"
	"sofipo/core/lending/loan"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// BenchmarkPayment is a payment from the command to the commit on SQLite, with 64 users who pay at
// the same time: without traces, and with all payments traced. CPU is the processor time of the
// whole process. Run it with TMPDIR on a file system in memory, so that the disk does not count.
func BenchmarkPayment(b *testing.B) {
	for name, option := range map[string]func(*bank.Options){
		"off": func(*bank.Options) {},
		"on": func(o *bank.Options) {
			o.Tracer = sdk.NewTracerProvider(sdk.WithBatcher(tracetest.NewNoopExporter())).Tracer("test")
		},
	} {
		b.Run(name, func(b *testing.B) {
			d := ground.Open(b, ground.Config(b, ground.SQLite))
			engine := office.OpenBank(b, d, option)
			var loans []loan.Loan
			for n := range 64 {
				loans = append(loans, office.Grant(b, engine, office.Register(b, engine, n+1).ID, 1_000_000_00))
			}
			var next atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(32)
			began := processorTime()
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				mine := loans[int(next.Add(1))%len(loans)]
				for p.Next() {
					office.Pay(b, engine, mine.ID, 1)
				}
			})
			b.ReportMetric(float64(processorTime()-began)/float64(b.N), "CPU-ns/op")
		})
	}
}

// processorTime returns the processor time of the process in nanoseconds.
func processorTime() int64 {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used) // cannot fail
	return used.Utime.Nano() + used.Stime.Nano()
}
