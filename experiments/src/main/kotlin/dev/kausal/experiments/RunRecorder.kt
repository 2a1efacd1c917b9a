package dev.kausal.experiments

import dev.kausal.engine.source.Devices
import dev.kausal.engine.tensor.Torch
import dev.kausal.spec.EnvironmentRecord
import java.time.Instant
import java.time.temporal.ChronoUnit

/** Collects the contents of `environment.json`. */
internal class RunRecorder(
    private val options: RunOptions,
    private val placed: MemoryBudget.PlacedPlan,
    private val memory: Long = placed.beyondWeights,
) {
    private val started = Instant.now().truncatedTo(ChronoUnit.SECONDS)
    private val begun = System.nanoTime()
    private val seconds = LinkedHashMap<String, Double>()

    private val processors = LinkedHashSet<String>()

    private val gpu = options.device.takeIf { it.isGpu }?.let { Devices.gpu(it).toString() }

    /** Name of the executor. */
    var executor: String = ""

    fun took(stage: String, nanos: Long) {
        seconds[stage] = nanos / NANOS
    }

    /** Adds the seconds of a shard, and the processor that computed it. */
    fun shard(name: String, seconds: Double, processor: String) {
        this.seconds["shard $name"] = seconds
        processors += processor
    }

    /** Adds the seconds that machine [host] of a cluster has computed. */
    fun cluster(host: String, seconds: Double) {
        this.seconds["parts on $host"] = seconds
    }

    /** Adds a processor that took part. */
    fun processor(name: String) {
        processors += name
    }

    fun <T> timed(stage: String, work: () -> T): T {
        val from = System.nanoTime()
        return work().also { took(stage, System.nanoTime() - from) }
    }

    fun environment(): EnvironmentRecord =
        EnvironmentRecord(
            kausal = KausalVersion.text,
            versions =
                mapOf(
                    "java" to System.getProperty("java.version"),
                    "kotlin" to KotlinVersion.CURRENT.toString(),
                    "pytorch" to Torch.version(),
                    "os" to "${System.getProperty("os.name")} ${System.getProperty("os.arch")}",
                ),
            processor = (processors + listOfNotNull(Processor.name, gpu)).joinToString("; "),
            threads = Torch.threads(),
            dtype = placed.precision.word(),
            command = options.command.takeIf { it.isNotEmpty() }?.let { listOf("./kausal") + it }.orEmpty(),
            executor = executor,
            plan = placed.plan.record(options.exact),
            started = started.toString(),
            seconds = seconds + ("total" to (System.nanoTime() - begun) / NANOS),
            memory = memory,
            streamed = placed.placement.streamed(),
            device = options.device.name(),
        )

    private companion object {
        const val NANOS = 1e9
    }
}
