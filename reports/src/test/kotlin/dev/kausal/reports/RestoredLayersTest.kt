package dev.kausal.reports

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.RestoredLayers
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.Change
import dev.kausal.spec.EditSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** Where a trace says that the answer is, from numbers made for it: four layers and four positions, the subject at 1. */
class RestoredLayersTest :
    FunSpec({
        val landmark = listOf("The", " Tower", " is", " in")

        fun trace(
            rows: List<List<Double>>,
            site: String = "hook_resid_pre",
            from: RunSpec = RunSpec.Clean,
            into: RunSpec = RunSpec.Corrupted,
            metric: MetricSpec = MetricSpec.Recovery(MetricSpec.LogitDifference),
            words: List<String> = landmark,
            listed: (List<CellSpec>) -> List<CellSpec> = { it },
        ): ResultGrid {
            val axes = listOf(AxisSpec("layer", rows.indices.map { "$it" }), AxisSpec("position", words))
            val cells =
                rows.indices.flatMap { layer ->
                    words.indices.map { position ->
                        val at = PlaceSpec.Position(position)
                        CellSpec(into, listOf(EditSpec("blocks.$layer.$site", at = at, value = ValueSpec.From(from))))
                    }
                }
            val whole = Fixtures.spec(2, words)
            val sets =
                whole.contrasts.map { set ->
                    val ofTower = { prompt: PromptSpec -> prompt.copy(subject = PositionRange(1, 1)) }
                    set.copy(contrasts = set.contrasts.map { it.copy(clean = ofTower(it.clean)) })
                }
            val sweep = SweepSpec("t", "landmarks", 1, metric, axes, listed(cells))
            val spec = whole.copy(analyses = listOf(sweep), contrasts = sets)
            val result =
                Fixtures.patch(2).copy(
                    name = "t",
                    metric = metric.text,
                    axes = axes,
                    shape = listOf(rows.size, words.size),
                    mean = rows.flatten(),
                    perExample = listOf(rows.flatten(), rows.flatten()),
                )
            return ResultGrid(result, spec)
        }

        val moves =
            listOf(
                listOf(0.0, 1.0, 0.0, 0.0),
                listOf(0.0, 0.8, 0.0, 0.1),
                listOf(0.0, 0.2, 0.0, 0.7),
                listOf(0.0, 0.0, 0.0, 1.0),
            )

        test("the cells of a large sweep are read a few times each, not once for each other cell") {
            val positions = 50
            val rows = List(20) { layer -> List(positions) { if (it == 1 && layer < 9) 1.0 else 0.0 } }
            var read = 0
            val grid =
                trace(rows, words = List(positions) { " w$it" }) { cells ->
                    object : AbstractList<CellSpec>() {
                        override val size = cells.size

                        override fun get(index: Int) = cells[index].also { read++ }
                    }
                }
            RestoredLayers.of(grid) shouldContain "at position 1 (w1) up to layer 8"
            read shouldBeLessThan 10 * 20 * positions
        }

        test("a fact that moves is told with the layers up to which and from which it is where") {
            RestoredLayers.of(trace(moves)) shouldContain
                "At least half of the logit difference is restored in these 2 examples at position 1 (Tower) up to " +
                "layer 1 (0.800) and at position 3 (in) from layer 2 on (0.700)."
        }

        test("a fact that moves from the subject to the last position is said to, and between which layers") {
            RestoredLayers.of(trace(moves)) shouldContain
                "This information moves from the subject to position 3 (in) between layers 1 and 2."
        }

        test("no movement is said of a place that is not the subject's, of both at once, or without an arrival") {
            fun text(vararg rows: List<Double>) = RestoredLayers.of(trace(rows.toList())).shouldNotBeNull()
            val start = listOf(0.0, 1.0, 0.0, 0.0)
            val end = listOf(0.0, 0.0, 0.0, 1.0)
            val (other, both) = listOf(0.0, 0.0, 1.0, 0.0) to listOf(0.0, 0.8, 0.0, 0.8)
            text(other, other, end, end) shouldNotContain "This information moves"
            text(start, both, both, end) shouldNotContain "This information moves"
            text(start, start, start, start) shouldNotContain "This information moves"
            text(end, end, end, end) shouldNotContain "This information moves"
            text(start, other, other, end) shouldContain "between layers 0 and 3."
        }

        test("the best cell, the last layer's last position, is not what is told") {
            RestoredLayers.of(trace(moves))!! shouldNotContain "1.000"
        }

        test("what restores half in between is told too") {
            val through = moves.toMutableList().also { it[1] = listOf(0.0, 0.1, 0.6, 0.1) }
            RestoredLayers.of(trace(through)) shouldContain "at position 2 (is) in layer 1"
        }

        test("no place is said to carry what it does not restore by half") {
            val weak = moves.map { row -> row.map { it * 0.4 } }
            val text = RestoredLayers.of(trace(weak)).shouldNotBeNull()
            text shouldContain "No cell restores half of the logit difference"
            text shouldNotContain "At least half"
        }

        test("a subject of which no single token is enough is not said to carry the answer") {
            val split = moves.toMutableList().also {
                it[0] = listOf(0.0, 0.3, 0.0, 0.0)
                it[1] = listOf(0.0, 0.3, 0.0, 0.1)
            }
            val text = RestoredLayers.of(trace(split)).shouldNotBeNull()
            text shouldNotContain "Tower"
            text shouldContain "At layer 0, no other place restores half."
        }

        test("an answer that never arrives at the last position is not said to") {
            val text = RestoredLayers.of(trace(List(4) { listOf(0.0, 0.9, 0.0, 0.1) })).shouldNotBeNull()
            text shouldContain "at position 1 (Tower) at every layer"
            text shouldContain "At the last layer, position 3 (in) restores less than half: 0.100."
            text shouldNotContain "from layer"
        }

        test("cells that a test does not confirm are not told") {
            val tested = trace(moves)
            val result =
                tested.result.copy(
                    pCorrected = tested.result.mean.map { if (it == 1.0) 0.001 else 0.3 },
                    inference = StoryFixtures.inferred(30),
                )
            val text = RestoredLayers.of(tested.with(result)).shouldNotBeNull()
            text shouldContain "position 1 (Tower) at layer 0"
            text shouldContain "position 3 (in) from layer 3 on"
        }

        test("places that restore half with wide intervals are named, and none is said not to restore it") {
            val tested = trace(moves.mapIndexed { layer, row -> if (layer == 0) listOf(0.0, 0.73, 0.65, 0.0) else row })

            fun text(p: List<Double>): String {
                val mean = tested.result.mean
                val result =
                    tested.result.copy(
                        pCorrected = p,
                        inference = StoryFixtures.inferred(30),
                        ciLow = mean.map { it!! - 0.9 },
                        ciHigh = mean.map { it!! + 0.9 },
                    )
                return RestoredLayers.of(tested.with(result)).shouldNotBeNull()
            }
            val early = text(List(16) { if (it in setOf(11, 15)) 0.001 else 0.3 })
            early shouldContain
                "Not distinguished from no effect at layer 0: position 1 (Tower), 0.730 (\u22120.170 to 1.630); " +
                "position 2 (is), 0.650 (\u22120.250 to 1.550)."
            early shouldNotContain "no other place"
            text(List(16) { if (it in setOf(1, 5)) 0.001 else 0.3 }) shouldContain
                "Not distinguished from no effect at the last layer: position 3 (in), 1.000 (0.100 to 1.900; "
        }

        test("a plain metric is told as its share of what the other run lacks") {
            val plain = trace(moves.map { row -> row.map { it * 10 - 4 } }, metric = MetricSpec.Probability)
            val changes = moves.flatten().map { it * 10 }
            val result =
                plain.result.copy(
                    baseline = mapOf("clean" to listOf(6.0, 6.0), "corrupted" to listOf(-4.0, -4.0)),
                    change = Change(changes, changes.map { 0.1 }, changes, changes),
                )
            val text = RestoredLayers.of(plain.with(result)).shouldNotBeNull()
            text shouldContain "At least half of the lost probability is restored"
            text shouldContain "position 1 (Tower) up to layer 1"
            text shouldContain "position 3 (in) from layer 2 on"
        }

        test("corrupted activations in the clean run are told by what is lost, in the same places") {
            val lost = moves.flatten().map { it * -10 }
            val plain =
                trace(moves, from = RunSpec.Corrupted, into = RunSpec.Clean, metric = MetricSpec.LogitDifference)

            fun result(by: Double) =
                plain.result.copy(
                    mean = lost.map { 6 + it * by },
                    baseline = mapOf("clean" to listOf(6.0, 6.0), "corrupted" to listOf(-4.0, -4.0)),
                    change = Change(lost.map { it * by }, lost.map { 0.1 }, lost, lost),
                )
            val text = RestoredLayers.of(plain.with(result(1.0))).shouldNotBeNull()
            text shouldContain
                "At least half of the logit difference between the clean and the corrupted run is lost in these " +
                "2 examples at position 1 (Tower) up to layer 1"
            text shouldContain "This information moves from the subject to position 3 (in) between layers 1 and 2."
            val little = RestoredLayers.of(plain.with(result(0.3))).shouldNotBeNull()
            little shouldContain "No cell removes half of the logit difference"
            little shouldNotContain "At least half"
            RestoredLayers.of(plain.with(result(-1.0)))!! shouldNotContain "is lost"
        }

        test("a sweep with its axes the other way round is told in the same words") {
            val grid = trace(moves)
            val turned =
                grid.result.copy(
                    axes = grid.axes.reversed(),
                    shape = listOf(4, moves.size),
                    mean = landmark.indices.flatMap { place -> moves.map { it[place] } },
                )
            RestoredLayers.of(grid.with(turned)) shouldBe RestoredLayers.of(grid)
        }

        test("at one place, only that place is spoken of, and not the largest cell, which is the first or last layer") {
            fun at(
                place: PlaceSpec,
                column: Int,
            ): String? {
                val grid = trace(moves)
                val cells =
                    moves.indices.map { layer ->
                        val value = ValueSpec.From(RunSpec.Clean)
                        val edit = EditSpec("blocks.$layer.hook_resid_pre", at = place, value = value)
                        CellSpec(RunSpec.Corrupted, listOf(edit))
                    }
                val sweep = (grid.analysis as SweepSpec).copy(axes = grid.axes.take(1), cells = cells)
                val spec = Fixtures.spec(2, landmark).copy(analyses = listOf(sweep))
                val values = moves.map { it[column] }
                val result = grid.result.copy(axes = sweep.axes, shape = listOf(4), mean = values)
                return RestoredLayers.of(ResultGrid(result, spec))
            }
            at(PlaceSpec.Span("subject"), 1) shouldBe
                "At least half of the logit difference is restored in these 2 examples at the subject up to " +
                "layer 1 (0.800)."
            at(PlaceSpec.Span("patches"), 1) shouldContain "at all patches up to layer 1"
            at(PlaceSpec.Last, 3) shouldBe
                "At least half of the logit difference is restored in these 2 examples at the last position from " +
                "layer 2 on (0.700)."
            at(PlaceSpec.All, 1).shouldBeNull()
        }

        test("a sweep of anything else is no trace") {
            RestoredLayers.of(trace(moves, site = "hook_mlp_out")).shouldBeNull()
            RestoredLayers.of(trace(moves, from = RunSpec.Corrupted, into = RunSpec.Clean)).shouldBeNull()
            RestoredLayers.of(trace(moves, metric = MetricSpec.LogitDifference)).shouldBeNull()
            RestoredLayers.of(trace(moves, metric = MetricSpec.Named("recovery(of mine)", 0))).shouldBeNull()
        }
    })
