package dev.kausal.run

import dev.kausal.dsl.ablate
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.hook
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.mean
import dev.kausal.dsl.noise
import dev.kausal.dsl.on
import dev.kausal.dsl.patch
import dev.kausal.dsl.recovery
import dev.kausal.dsl.subject
import dev.kausal.dsl.sweep
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.ControlKind
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

/** Runs with a known outcome, and nulls, on a small random Llama. */
class ControlsTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("controls: a patch of itself is nothing, of the whole stream everything, up to rounding") {
            val study =
                tinyStudy(model) {
                    val set = contrasts { words() }
                    val trace by sweep(set, recovery(logitDifference)) {
                        each(layers, spans) { layer, span -> patch(from = clean, to = corrupted, layer).at(span) }
                    }
                    val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                    report { heatmap(trace) }
                }
            val controls = study.run(model).named("trace").controls.associateBy { it.kind }
            controls.keys shouldBe ControlKind.entries.toSet()
            val identity = controls.getValue(ControlKind.Identity)
            identity.passed shouldBe true
            identity.perExample.filterNotNull().forEach { it shouldBe 0.0.plusOrMinus(identity.allowed!!) }
            val contrasts = study.spec.contrasts.single().contrasts
            val full = controls.getValue(ControlKind.FullStream)
            full.passed shouldBe true
            full.perExample.size shouldBe contrasts.size
            full.perExample.filterNotNull().forEach { it shouldBe 1.0.plusOrMinus(1e-4) }
            val random = controls.getValue(ControlKind.RandomDirection)
            random.perExample.filterNotNull().isEmpty() shouldBe false
            (random.perExample == study.run(model).named("trace").perExample.map { it[random.cell] }) shouldBe false
            val ofAblation = study.run(model).named("needed").controls.map { it.kind }
            ofAblation shouldBe listOf(ControlKind.Identity, ControlKind.RandomDirection)
        }

        test("where every pair differs in length, the whole stream is the clean run's up to rounding") {
            val study =
                tinyStudy(model) {
                    val set =
                        contrasts {
                            contrast("the [a b] is in", " x0", "the [c] is in", " y0")
                            contrast("the [d] is in", " x1", "the [e f] is in", " y1")
                        }
                    val trace by sweep(set, recovery(logitDifference)) {
                        each(layers) { layer -> patch(from = clean, to = corrupted, layer).at(last) }
                    }
                    report { lines(trace) }
                }
            val full = study.run(model).named("trace").controls.first { it.kind == ControlKind.FullStream }
            full.passed shouldBe true
            // Of two random pairs whose runs differ in opposite directions, one has no scale.
            val values = full.perExample.filterNotNull()
            values.shouldNotBeEmpty()
            values.forEach { it shouldBe 1.0.plusOrMinus(1e-4) }
        }

        test("inference can be switched off, controls alone too") {
            fun spec(off: Boolean) =
                tinyStudy(model) {
                    if (off) withoutInference() else inference(controls = false)
                    val set = contrasts { words() }
                    val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                    report { heatmap(needed) }
                }
            val off = spec(true).run(model).named("needed")
            off.ciLow.shouldBeEmpty()
            off.pValue.shouldBeEmpty()
            off.controls.shouldBeEmpty()
            val alone = spec(false).run(model).named("needed")
            alone.ciLow.size shouldBe 12
            alone.change!!.mean.size shouldBe 12
            alone.controls.shouldBeEmpty()
        }

        test("every sweep with an edit has a null of random moves, whatever it puts in place") {
            val study =
                tinyStudy(model) { lm ->
                    val set = contrasts { words() }
                    val traced by sweep(set, recovery(logitDifference)) {
                        val run = noise(subject, sigmas = 3.0, samples = 2)
                        each(layers, spans) { layer, span -> patch(from = clean, to = run, layer).at(span) }
                    }
                    val averaged by sweep(set, logitDifference) { each(heads) { ablate(it, with = mean) } }
                    val halved by sweep(set, logitDifference) {
                        each(layers) { layer -> hook(lm.blocks[layer].mlp.post) { it.mul(0.5f) } }
                    }
                    val looked by sweep(set, logitDifference) {
                        each(layers) { layer -> ablate(lm.blocks[layer].attn.pattern) }
                    }
                    report { heatmap(traced) }
                }
            val results = study.run(model)

            fun kinds(name: String) = results.named(name).controls.map { it.kind }
            kinds("traced") shouldBe ControlKind.entries
            val ofChanges = listOf(ControlKind.Identity, ControlKind.RandomDirection)
            listOf("averaged", "halved", "looked").forEach { kinds(it) shouldBe ofChanges }
            results.results.forEach { result ->
                val identity = result.controls.first { it.kind == ControlKind.Identity }
                withClue(result.name) {
                    identity.passed shouldBe true
                    val allowed = identity.allowed!!
                    allowed shouldBe result.rounding!!.floor
                    identity.perExample.filterNotNull().forEach { it shouldBe 0.0.plusOrMinus(allowed) }
                }
                val random = result.controls.first { it.kind == ControlKind.RandomDirection }
                withClue(result.name) { random.perExample.filterNotNull().any { it != 0.0 } shouldBe true }
            }
            val controls = results.named("traced").controls.associateBy { it.kind }
            val own = results.named("traced").perExample.map { it[controls.values.first().cell] }
            controls.getValue(ControlKind.FullStream).passed shouldBe true
            (controls.getValue(ControlKind.ShuffledPairing).perExample == own) shouldBe false
            (controls.getValue(ControlKind.RandomDirection).perExample == own) shouldBe false
        }

        test(
            "a patch out of the corrupted run into the clean one has a whole stream, too: the corrupted run's",
        ) {
            val study =
                tinyStudy(model) {
                    val set = contrasts { words() }
                    val spoiled by sweep(set, logitDifference) {
                        each(layers) { layer -> patch(from = corrupted, to = clean, layer).at(last) }
                    }
                    report { lines(spoiled) }
                }
            val full = study.run(model).named("spoiled").controls.first { it.kind == ControlKind.FullStream }
            full.passed shouldBe true
            full.perExample.filterNotNull().forEach { it shouldBe 1.0.plusOrMinus(1e-3) }
        }
    })
