package dev.kausal.spec

import io.kotest.common.ExperimentalKotest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.PropTestConfig
import io.kotest.property.arbitrary.bind
import io.kotest.property.arbitrary.choice
import io.kotest.property.arbitrary.constant
import io.kotest.property.arbitrary.double
import io.kotest.property.arbitrary.enum
import io.kotest.property.arbitrary.filter
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.list
import io.kotest.property.arbitrary.long
import io.kotest.property.arbitrary.map
import io.kotest.property.arbitrary.of
import io.kotest.property.arbitrary.orNull
import io.kotest.property.arbitrary.string
import io.kotest.property.checkAll
import kotlinx.serialization.json.Json

/** What holds of any spec. A failure names the example and the seed. */
@OptIn(ExperimentalKotest::class)
class SpecPropertiesTest :
    FunSpec({
        val config = PropTestConfig(seed = 26)
        val jsons = listOf(Json, Json { encodeDefaults = true })
        val finite = Arb.double().filter { it.isFinite() }
        val places =
            Arb.choice(
                Arb.of(PlaceSpec.All, PlaceSpec.Last),
                Arb.int(0..99).map { PlaceSpec.Position(it) },
                Arb.bind(Arb.int(0..20), Arb.int(0..20)) { row, column -> PlaceSpec.Patch(row, column) },
                Arb.string().map { PlaceSpec.Span(it) },
                Arb.string().map { PlaceSpec.EachOf(it) },
            )
        val runs =
            Arb.choice(
                Arb.of(RunSpec.Clean, RunSpec.Corrupted),
                Arb.bind(places, finite, Arb.int(1..9), Arb.long(), Arb.string().orNull(), finite.orNull()) {
                    span,
                    sigmas,
                    samples,
                    seed,
                    of,
                    deviation,
                    ->
                    RunSpec.Noised(span, sigmas, samples, seed, of, deviation)
                },
            )
        val plain =
            Arb.choice(
                Arb.of(
                    ValueSpec.Zero,
                    ValueSpec.Mean(),
                    ValueSpec.PositionMean("reference"),
                    ValueSpec.Vector(2, true),
                ),
                Arb.long().map { ValueSpec.Resample(it) },
                runs.map { ValueSpec.From(it) },
                Arb.bind(Arb.int(), Arb.string()) { index, place -> ValueSpec.Lambda(index, place) },
            )
        val values = Arb.choice(plain, Arb.bind(plain, Arb.long()) { like, seed -> ValueSpec.RandomMove(like, seed) })
        val parts =
            Arb.choice(
                Arb.constant(PartSpec.All),
                Arb.int().map { PartSpec.Head(it) },
                Arb.int().map { PartSpec.Neuron(it) },
            )
        val edits =
            Arb.bind(Arb.string(), parts, places, values) { site, part, at, value -> EditSpec(site, part, at, value) }
        val cells = Arb.bind(runs, Arb.list(edits, 0..4)) { run, made -> CellSpec(run, made) }
        val simple =
            Arb.choice(
                Arb.of(
                    MetricSpec.LogitDifference,
                    MetricSpec.Logit,
                    MetricSpec.Accuracy,
                    MetricSpec.Kl,
                    MetricSpec.Loss,
                ),
                Arb.bind(Arb.string(), Arb.int()) { name, index -> MetricSpec.Named(name, index) },
            )
        val metrics =
            Arb.choice(
                simple,
                Arb.bind(simple, Arb.enum<Average>()) { of, average ->
                    MetricSpec.Recovery(of, average)
                },
            )

        test("a cell is read back as it was written, with and without fields of default value") {
            checkAll(config, cells) { cell ->
                for (json in jsons) {
                    json.decodeFromString(
                        CellSpec.serializer(),
                        json.encodeToString(CellSpec.serializer(), cell),
                    ) shouldBe
                        cell
                }
            }
        }

        test(
            "a metric is read back as it was written, and its plain metric says whether it calls a script",
        ) {
            checkAll(config, metrics) { metric ->
                for (json in jsons) {
                    val text = json.encodeToString(MetricSpec.serializer(), metric)
                    json.decodeFromString(MetricSpec.serializer(), text) shouldBe metric
                }
                metric.plain.plain shouldBe metric.plain
                metric.callsScript shouldBe (metric.plain is MetricSpec.Named)
            }
        }

        test("numbers are any list of doubles, of which those that are not finite are absent") {
            checkAll(config, Arb.list(Arb.double().orNull(), 0..40)) { list ->
                val numbers = Numbers.of(list)
                numbers shouldBe list.map { it?.takeIf(Double::isFinite) }
                val text = Json.encodeToString(NumbersSerializer, numbers)
                Json.decodeFromString(NumbersSerializer, text) shouldBe numbers
            }
        }
    })
