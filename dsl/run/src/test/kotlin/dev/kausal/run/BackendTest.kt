package dev.kausal.run

import dev.kausal.dsl.MaskedLm
import dev.kausal.dsl.ablate
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.declared
import dev.kausal.dsl.everyTime
import dev.kausal.dsl.hook
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.mean
import dev.kausal.dsl.mlpOut
import dev.kausal.dsl.noise
import dev.kausal.dsl.on
import dev.kausal.dsl.patch
import dev.kausal.dsl.recovery
import dev.kausal.dsl.resample
import dev.kausal.dsl.residPre
import dev.kausal.dsl.subject
import dev.kausal.dsl.subjectLast
import dev.kausal.dsl.sweep
import dev.kausal.dsl.times
import dev.kausal.dsl.tinyFolder
import dev.kausal.dsl.watch
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.Tuning
import dev.kausal.run.backend.Backend
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.backend.NotPortableException
import dev.kausal.run.backend.ProductShape
import dev.kausal.run.backend.Shard
import dev.kausal.run.sweep.ShardWorker
import dev.kausal.spec.Results
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json

/** Runs whose model is behind bytes give the numbers of those whose model is here. */
class BackendTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama, Device.CPU.with(SMALL))
        afterSpec { model.close() }
        val here = LocalBackend(model, BatchedExecutor(1L shl 28))

        fun compared(study: BoundExperiment): Elsewhere {
            val elsewhere = Elsewhere(here)
            val expected = ExperimentRunner(study.runnable(), here).run(Silence)
            val found = ExperimentRunner(study.runnable(), elsewhere).run(Silence)
            found.results.map { it.name } shouldBe expected.results.map { it.name }
            found.results.zip(expected.results).forEach { (a, b) ->
                withClue(a.name) {
                    a.perExample.flatten().zip(b.perExample.flatten()).forEach { (x, y) ->
                        (x ?: 0.0) shouldBe (y ?: 0.0).plusOrMinus(1e-3)
                    }
                    a.axes shouldBe b.axes
                }
            }
            return elsewhere
        }

        test("sweeps with every kind of replacement, and their controls, go over as shards of bytes") {
            val study =
                tinyStudy(model) {
                    val set = contrasts { words() }
                    val patched by sweep(set, recovery(logitDifference)) {
                        each(layers) { l -> patch(from = clean, to = corrupted, it.blocks[l].residPre).at(subjectLast) }
                    }
                    val means by sweep(set, logitDifference) { each(heads) { head -> ablate(head, with = mean) } }
                    val resampled by sweep(set, logitDifference) {
                        each(layers) { l -> ablate(it.blocks[l].mlpOut, with = resample).at(subjectLast) }
                    }
                    val restored by sweep(set, logitDifference) {
                        each(layers) { l ->
                            patch(from = clean, to = noise(subject, samples = 2), it.blocks[l].residPre).at(subjectLast)
                        }
                    }
                    report { bars(patched) }
                }
            compared(study).shards shouldBeGreaterThan 3
        }

        test("ablations that rest on earlier results go over too") {
            compared(headStudy(model)).shards shouldBeGreaterThan 3
        }

        test("what the journal has from one backend, another goes on with") {
            val study = headStudy(model)
            val journal = Remembering()
            val elsewhere = Elsewhere(here)
            val first = ExperimentRunner(study.runnable(), elsewhere, journal).run(Silence)
            val shards = elsewhere.shards
            text(ExperimentRunner(study.runnable(), Elsewhere(here), journal).run(Silence)) shouldBe text(first)
            text(ExperimentRunner(study.runnable(), here, journal).run(Silence)) shouldBe text(first)
            elsewhere.shards shouldBe shards
        }

        test("functions of the script stay in its process: a model elsewhere refuses them by name") {
            val halved =
                tinyStudy(model) {
                    val set = contrasts { words() }
                    val halved by sweep(set, logitDifference) {
                        each(layers) { l -> hook(it.blocks[l].mlpOut) { x -> x * 0.5 } }
                    }
                    report { bars(halved) }
                }
            shouldThrow<NotPortableException> { ExperimentRunner(halved.runnable(), Elsewhere(here)).run(Silence) }
                .message shouldContain "The sweep 'halved' calls a function of the script"
            val watching =
                declared {
                    val lm = model<MaskedLm>("tiny")
                    val set =
                        contrasts(lm) { contrast(clean = "the cat sat on the [MASK]", answer = "mat", foil = "cat") }
                    val seen by watch(set, layers = listOf(0), calls = everyTime) { _, _ -> }
                    report { bars(seen) }
                }
            watching.on(tinyFolder("distilbert-masked")) { bound, opened ->
                val behind = Elsewhere(LocalBackend(opened, PlainExecutor()))
                shouldThrow<NotPortableException> { ExperimentRunner(bound.runnable(), behind).run(Silence) }
                    .message shouldContain "The watch 'seen' calls a function of the script"
            }
        }
    })

/** Cuts sweeps of a few examples into several shards. */
internal val SMALL: Tuning =
    Tuning.CPU.let {
        Tuning(
            it.saturatedRows(),
            it.mostLanes(),
            it.worthwhileRows(),
            it.paddedLength(),
            it.blockwiseScores(),
            it.attributionRows(),
            it.logitRows(),
            it.promptRows(),
            it.recordedBytes(),
            SHARD,
        )
    }

private const val SHARD = 40

internal fun text(results: Results): String = Json.encodeToString(Results.serializer(), results)

/** A model that is reached through bytes alone, as if it were in another process. */
private class Elsewhere(
    private val there: LocalBackend,
) : Backend by there {
    var shards: Int = 0

    override fun outcomes(
        shard: Shard,
        plan: SweepPlan,
        done: (Int) -> Unit,
    ): ByteArray {
        if (!plan.portable()) throw NotPortableException("The sweep '${shard.title}'")
        shards++
        val sent = Json.encodeToString(Shard.serializer(), shard).encodeToByteArray()
        return answer(sent).copyOf()
    }

    /** The other process: it has the bytes and a model, and neither the script nor the plan. */
    private fun answer(bytes: ByteArray): ByteArray =
        ShardWorker(there).run(Json.decodeFromString(Shard.serializer(), bytes.decodeToString()))

    override fun outcomes(
        plan: SweepPlan,
        shape: ProductShape,
        done: (Int) -> Unit,
    ): List<CellOutcome> {
        plan.portable() shouldBe true
        return there.outcomes(plan, shape, done)
    }

    override fun local(need: String): LocalBackend = throw NotPortableException(need)
}
