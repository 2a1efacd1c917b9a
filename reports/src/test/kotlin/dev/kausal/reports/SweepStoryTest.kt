package dev.kausal.reports

import dev.kausal.reports.result.EditKind
import dev.kausal.reports.result.evidence
import dev.kausal.reports.result.found
import dev.kausal.reports.stories.EFFECT_MEANINGS
import dev.kausal.reports.stories.LargeRandomEffect
import dev.kausal.reports.stories.LargestEffect
import dev.kausal.reports.stories.NothingChanges
import dev.kausal.reports.stories.all
import dev.kausal.reports.stories.conclusions
import dev.kausal.reports.stories.sweepStory
import dev.kausal.spec.Control
import dev.kausal.spec.ControlKind
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.ValueSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** The sentences about sweeps, and where they must not appear. */
class SweepStoryTest :
    FunSpec({
        val few = listOf(-4.0, 1.5, 0.0, 0.0, -0.9, 0.0, 0.01, -0.6)
        val shown = listOf(0.001, 0.001, 1.0, 0.9, 0.02, 1.0, 0.001, 0.03)

        test("heads are named with sign and interval, and how few matter") {
            sweepStory(StoryFixtures.heads(few, shown)) shouldBe
                "Ablating single heads changes the logit difference: head 0.0 by \u22124.000 " +
                "(\u22124.200 to \u22123.800), " +
                "head 0.1 by +1.500 (1.300 to 1.700) and head 1.0 by \u22120.900 (\u22121.100 to \u22120.700), " +
                "1 other by less. 4 of 8 heads change it by at least 0.500. The largest accounts for half of the " +
                "sum of these effects, each measured alone. 1 other cell differs from no effect by less than " +
                "0.500, the smallest effect of interest."
        }

        test("an effect that is too small to matter is no finding") {
            val idle = StoryFixtures.heads(few.map { it / 100 }, shown)
            found(idle) shouldBe emptySet()
            val text = sweepStory(idle)
            text shouldContain "No cell is shown to have an effect of at least 0.500"
            text shouldContain "5 cells differ from no effect by less than 0.500"
            text shouldNotContain "Ablating"
        }

        test("absence of evidence is not told as evidence of absence") {
            val text = sweepStory(StoryFixtures.heads(few, few.map { 0.4 }))
            text shouldContain "No cell is shown to have an effect"
            text shouldNotContain "has no effect"
            text shouldNotContain "does nothing"
        }

        test("too few examples for a test are told, and nothing is called a finding") {
            val text = sweepStory(StoryFixtures.heads(few, few.map { 1.0 }, clusters = 3))
            text shouldContain "in these 2 examples"
            text shouldContain "3 independent examples are too few for a test."
            text shouldNotContain "of 8 heads"
            text shouldNotContain "No cell is shown"
        }

        test("half of the effects is told only where it is made by few") {
            val even = List(8) { -1.0 }
            sweepStory(StoryFixtures.heads(even)) shouldNotContain "half of the sum"
        }

        test("edits that change nothing are called that, and others are not") {
            sweepStory(StoryFixtures.heads(List(8) { 0.0 }, List(8) { 1.0 })) shouldContain
                "No edit changes the logit difference beyond float32 rounding."
            NothingChanges.of(StoryFixtures.heads(few, shown)).shouldBeNull()
        }

        test("a small recovery is called the highest, and not most of what was lost") {
            val small = List(8) { if (it == 2) 0.12 else 0.01 }
            val clean = ValueSpec.From(RunSpec.Clean)
            val recovery = MetricSpec.Recovery(MetricSpec.LogitDifference)
            val grid =
                StoryFixtures.heads(small, value = clean, run = RunSpec.Corrupted, metric = recovery).let {
                    it.with(it.result.copy(mean = small, change = null, smallest = 0.05))
                }
            val text = LargestEffect.of(grid)!!
            text shouldContain "The highest recovery of the logit difference is at layer 0, head 2: 0.120"
            text shouldContain "1 of 8 cells has an effect of at least 0.050."
            text shouldNotContain "most of"
        }

        test("a recovery that the clean run loses is told by the least that is left, and is not tested") {
            val kept = listOf(1.0, 0.98, 0.2, 1.01, 0.9, 1.0, 0.7, 1.0)
            val recovery = MetricSpec.Recovery(MetricSpec.LogitDifference)
            val grid =
                StoryFixtures.heads(kept, value = ValueSpec.From(RunSpec.Corrupted), metric = recovery).let {
                    val low = kept.map { mean -> mean - 0.1 }
                    val high = kept.map { mean -> mean + 0.1 }
                    it.with(it.result.copy(mean = kept, change = null, ciLow = low, ciHigh = high))
                }
            sweepStory(grid) shouldBe
                "The lowest recovered logit difference in these 2 examples is at layer 0, head 2: 0.200 " +
                "(0.100 to 0.300); the unedited clean run is 1."
            sweepStory(grid.with(grid.result.copy(mean = List(8) { 1.0 }))) shouldBe
                "No edit lowers the recovered logit difference in these 2 examples beyond float32 rounding."
            conclusions(grid).joinToString(" ") shouldBe
                "Not tested against the unedited run, whose recovery is 1: use the metric without recovery for that."
            evidence(grid, 2) shouldBe " (0.100 to 0.300; n = 24)"
            val direction = Control(ControlKind.RandomDirection, 2, null, listOf(0.99, 0.97), 0.98)
            LargeRandomEffect.of(grid.with(grid.result.copy(controls = listOf(direction)))).shouldBeNull()
        }

        test("the kind of edit decides what an effect shows") {
            fun meanings(
                effects: List<Double>,
                value: ValueSpec = ValueSpec.Zero,
                run: RunSpec = RunSpec.Clean,
                metric: MetricSpec = MetricSpec.LogitDifference,
            ) = EFFECT_MEANINGS.all(
                StoryFixtures.heads(effects, value = value, run = run, metric = metric),
            ).joinToString(" ")

            val loss = List(8) { -1.0 }
            val gain = List(8) { 1.0 }
            meanings(loss) shouldContain "whose ablation hurts"
            meanings(loss) shouldNotContain "ablation helps"
            meanings(gain) shouldContain "work against the answer"
            meanings(gain) shouldNotContain "necessary"
            // The loss rises where the model does worse.
            meanings(gain, metric = MetricSpec.Loss) shouldContain "whose ablation hurts"
            meanings(loss, metric = MetricSpec.Named("mine", 0)) shouldBe ""
            val corrupt = meanings(loss, ValueSpec.From(RunSpec.Corrupted))
            corrupt shouldContain "is necessary, not that it suffices"
            corrupt shouldNotContain "suffices, not that"
            meanings(gain, ValueSpec.From(RunSpec.Clean), RunSpec.Corrupted) shouldContain
                "suffices, not that it is necessary"
            meanings(loss, ValueSpec.From(RunSpec.Clean), RunSpec.Corrupted) shouldBe ""
            meanings(gain, run = RunSpec.Corrupted) shouldContain "push the corrupted run away from the answer"
            meanings(loss, run = RunSpec.Corrupted) shouldBe ""
        }

        test("the kinds of edit are told apart, and what only holds a path still does not count") {
            fun kind(
                value: ValueSpec,
                run: RunSpec,
            ) = StoryFixtures.heads(few, shown, value = value, run = run).editKind
            kind(ValueSpec.From(RunSpec.Clean), RunSpec.Corrupted) shouldBe EditKind.RESTORE
            kind(ValueSpec.From(RunSpec.Corrupted), RunSpec.Clean) shouldBe EditKind.CORRUPT
            kind(ValueSpec.From(RunSpec.Clean), RunSpec.Clean) shouldBe EditKind.OTHER
            kind(ValueSpec.Mean(), RunSpec.Clean) shouldBe EditKind.ABLATE
            kind(ValueSpec.Resample(1), RunSpec.Corrupted) shouldBe EditKind.ABLATE_CORRUPTED
            kind(ValueSpec.Lambda(0, "here"), RunSpec.Clean) shouldBe EditKind.OTHER
        }

        test("random directions are named beside an effect if they have at least half of it") {
            val grid = StoryFixtures.heads(few, shown)

            fun with(control: Control) = LargeRandomEffect.of(grid.with(grid.result.copy(controls = listOf(control))))
            val random = Control(ControlKind.RandomDirection, 0, null, listOf(-2.5, -2.7), -2.6)
            with(random) shouldBe
                "Random directions of equal norm at layer 0, head 0 have a similar effect: \u22122.600, against \u22124.000."
            with(random.copy(mean = -0.6)).shouldBeNull()
            with(random.copy(mean = 2.6)).shouldBeNull()
            with(random.copy(cell = 3)).shouldBeNull()
            with(random.copy(kind = ControlKind.ShuffledPairing)).shouldBeNull()
        }
    })
