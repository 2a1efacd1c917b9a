package dev.kausal.run

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.Contrasts
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.ablate
import dev.kausal.dsl.attention
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.capture
import dev.kausal.dsl.gradient
import dev.kausal.dsl.knows
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.sweep
import dev.kausal.dsl.top
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.hooks.HookPoints
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Device
import dev.kausal.run.backend.Backend
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.context.Assignment
import dev.kausal.run.context.Assignment.ShardOf
import dev.kausal.run.context.Journal
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.random.Random

/** Shards of a run, computed by processes that share a journal only, in any order. */
class ShardedRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama, Device.CPU.with(SMALL))
        afterSpec { model.close() }
        val backend = LocalBackend(model, BatchedExecutor(1L shl 28))
        val studies =
            mapOf(
                "sweeps, ablations of what they choose, and comparisons" to headStudy(model),
                "readings, a filter and estimates with exact cells" to
                    tinyStudy(model) {
                        val set = fewWords(17).filter(knows(rank = 1_000))
                        val needed by sweep(set, logitDifference, by = gradient, exact = top(2)) {
                            each(heads) { ablate(it) }
                        }
                        val looks by attention(set, layers = 0..0)
                        val seen by capture(set, it.blocks[0].residPost)
                        report { heatmap(needed) }
                    },
            )

        fun run(study: BoundExperiment, journal: Journal, assignment: Assignment) =
            ExperimentRunner(study.runnable(), backend, journal, assignment = assignment).shard(Silence)

        for ((name, study) in studies) {
            test("$name: the results of one process, bit for bit, whatever the order and number of shards") {
                val whole = text(ExperimentRunner(study.runnable(), backend).run(Silence))
                for (count in listOf(1, 2, 7)) {
                    val journal = Parts()
                    val order = (1..count).shuffled(Random(count))
                    val ends = order.map { number ->
                        journal.by = number
                        run(study, journal, ShardOf(number, count))
                    }
                    // The last shard of a round finds the parts of all others.
                    if (count == 1) text(ends.single().results!!) shouldBe whole
                    journal.by = 0
                    text(run(study, journal, Assignment.All).results!!) shouldBe whole
                }
            }
        }

        for ((name, study) in studies) {
            test("$name: parts computed by name, in any order, by runs that lay out no more than a plain run does") {
                val plain = CountingLayouts(backend)
                val whole = text(ExperimentRunner(study.runnable(), plain).run(Silence))
                val counted = List(3) { CountingLayouts(backend) }
                val journal = Parts()
                val runs = counted.map {
                    ExperimentRunner(study.runnable(), it, journal, assignment = Assignment.ByName).open()
                }
                val random = Random(3)
                var rounds = 0
                while (true) {
                    val ends = runs.map { it.advance(Silence) }
                    val missing = ends.first().missing.keys
                    ends.forEach { it.missing.keys shouldBe missing }
                    if (missing.isEmpty()) break
                    rounds++
                    missing.shuffled(random).forEach { runs.random(random).compute(it) shouldBe true }
                    journal.written.containsAll(missing) shouldBe true
                    runs.first().compute("nothing") shouldBe false
                }
                rounds shouldBeGreaterThan 0
                runs.forEach { text(it.advance(Silence).results!!) shouldBe whole }
                counted.forEach { it.layouts shouldBe plain.layouts }
                runs.forEach { it.close() }
            }
        }

        test("parts are computed once, by the shard that they belong to, and a shard names those that it lacks") {
            val study = studies.values.last()
            val journal = Parts()
            journal.by = 2
            val first = run(study, journal, ShardOf(2, 3))
            first.results shouldBe null
            first.missing.values.toSet() shouldBe setOf(1, 3)
            first.missing.keys.intersect(journal.owners.keys).shouldBeEmpty()
            val own = journal.owners.filterValues { it == 2 }.keys
            own.shouldNotBeEmpty()
            for (number in listOf(1, 3)) {
                journal.by = number
                run(study, journal, ShardOf(number, 3))
            }
            journal.owners.keys shouldContainAll first.missing.keys
            first.missing.forEach { (part, owner) -> journal.owners[part] shouldBe owner }
            journal.written.groupingBy { it }.eachCount().values.max() shouldBe 1
            // Examples of readings are divided too.
            journal.owners.keys.count { it.startsWith("examples-looks") } shouldBeGreaterThan 2
        }

        test("a shard that is repeated computes nothing again") {
            val study = studies.values.first()
            val journal = Parts()
            run(study, journal, ShardOf(1, 2))
            val before = journal.written.size
            run(study, journal, ShardOf(1, 2))
            journal.written.size shouldBe before
        }

        test("every part has one owner, and shards have nearly equal numbers of parts") {
            val shards = (1..7).map { ShardOf(it, 7) }
            val owners = (0 until 70).map { part ->
                shards.filter { it.other("sweeps-$part", "sweeps", part) == null }.map { it.number }
            }
            owners.forEach { it.size shouldBe 1 }
            owners.flatten().groupingBy { it }.eachCount().values.toSet() shouldBe setOf(10)
            owners.flatten() shouldContain shards.first().owner("sweeps", 0)
            shouldThrow<IllegalArgumentException> { ShardOf(0, 3) }
            shouldThrow<IllegalArgumentException> { ShardOf(4, 3) }
        }
    })

/** Contrasts of few words, since the model has few tokens. */
private fun ExperimentScope.fewWords(count: Int): Contrasts<CausalLm> =
    contrasts {
        repeat(count) { i ->
            contrast(
                clean = "the [a${i % WORDS} b${i / WORDS}] is in the city of",
                answer = " x${i % WORDS}",
                corrupted = "the [b${i / WORDS} a${i % WORDS}] is in the city of",
                foil = " y${i / WORDS}",
                label = "example $i",
            )
        }
    }

private const val WORDS = 5

/** A backend that counts how often a sweep is laid out for it. */
private class CountingLayouts(
    private val backend: LocalBackend,
) : Backend by backend {
    var layouts = 0

    override val points: HookPoints get() = backend.points.also { layouts++ }
}

/** A journal that knows which shard wrote what; the first content stays, as in a shared folder. */
private class Parts : Journal {
    private val contents = HashMap<String, ByteArray>()
    val owners = LinkedHashMap<String, Int>()
    val written = mutableListOf<String>()

    /** The shard that writes now. */
    var by: Int = 1

    override fun read(part: String): ByteArray? = contents[part]

    override fun write(
        part: String,
        bytes: ByteArray,
    ) {
        written += part
        if (contents.putIfAbsent(part, bytes) == null) owners[part] = by
    }
}
