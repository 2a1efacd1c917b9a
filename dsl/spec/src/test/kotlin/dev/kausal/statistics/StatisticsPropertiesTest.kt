package dev.kausal.statistics

import io.kotest.assertions.withClue
import io.kotest.common.ExperimentalKotest
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.collections.shouldBeMonotonicallyIncreasing
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.doubles.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.PropTestConfig
import io.kotest.property.arbitrary.bind
import io.kotest.property.arbitrary.boolean
import io.kotest.property.arbitrary.choice
import io.kotest.property.arbitrary.double
import io.kotest.property.arbitrary.filter
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.list
import io.kotest.property.arbitrary.map
import io.kotest.property.arbitrary.orNull
import io.kotest.property.checkAll
import kotlin.math.abs

/** What holds of any data. A failure names the smallest example that it could find, and the seed. */
@OptIn(ExperimentalKotest::class)
class StatisticsPropertiesTest :
    StringSpec({
        val config = PropTestConfig(seed = 26)
        val number = Arb.double(-1e3, 1e3).filter { it.isFinite() }
        val share = Arb.double(0.0, 1.0).filter { it.isFinite() }
        val numbers = Arb.list(number, 1..30)
        val positive = Arb.double(1.0, 9.0).filter { it.isFinite() }
        // In the second kind a cell is as far from 0 as any assignment of signs can bring it.
        val samples =
            Arb.choice(
                Arb.list(Arb.bind(number, number, ::listOf), 6..14),
                Arb.list(Arb.bind(positive, number, ::listOf), 6..14),
            )
        val pValues = Arb.list(share.orNull(0.2), 0..20)

        fun close(
            found: Double,
            expected: Double,
        ) = found shouldBe expected.plusOrMinus(1e-9 * (1 + abs(expected)))

        fun close(
            found: Interval,
            low: Double,
            high: Double,
        ) {
            close(found.low, low)
            close(found.high, high)
        }

        fun mirrored(rows: List<List<Double>>) = Sample(rows.map { row -> row.map { -it } })

        "a quantile lies between two neighbours, as far along as its share is, and turns round with signs" {
            checkAll(config, numbers, share, share) { values, a, b ->
                val (low, high) = listOf(a, b).sorted().map { Quantiles.of(values, it) }
                listOf(values.min(), low, high, values.max()).shouldBeMonotonicallyIncreasing()
                close(Quantiles.of(values.map { -it }, 1 - a), -Quantiles.of(values, a))
                val sorted = values.sorted()
                val at = a * values.lastIndex
                val next = sorted[minOf(at.toInt() + 1, values.lastIndex)]
                close(Quantiles.of(values, a), sorted[at.toInt()] + (at - at.toInt()) * (next - sorted[at.toInt()]))
            }
        }

        "a sign-flip test sees neither signs nor the order of examples, and more cells never make p smaller" {
            checkAll(40, config, samples, Arb.int(0, 13)) { rows, turn ->
                val found = SignFlips.test(Sample(rows), 499, 1)
                for (cell in found.single.indices) {
                    found.familyWise[cell]!! shouldBeGreaterThanOrEqual found.single[cell]!!
                    found.single[cell]!!.shouldBeBetween(1.0 / found.flips, 1.0, 0.0)
                }
                SignFlips.test(mirrored(rows), 499, 1).single shouldBe found.single
                if (found.exact) {
                    val turned = rows.drop(turn % rows.size) + rows.take(turn % rows.size)
                    SignFlips.test(Sample(turned), 499, 1).familyWise shouldBe found.familyWise
                }
            }
        }

        "adjusted p are no smaller than p, at most 1, and in the same order" {
            checkAll(config, pValues) { raw ->
                val adjusted = benjaminiHochberg(raw)
                adjusted.map { it == null } shouldBe raw.map { it == null }
                val pairs = raw.zip(adjusted).mapNotNull { (p, q) -> p?.let { it to q!! } }.sortedBy { it.first }
                for ((p, q) in pairs) q.shouldBeBetween(p, 1.0, 1e-12)
                pairs.map { it.second }.shouldBeMonotonicallyIncreasing()
            }
        }

        "the interval of a share holds it, lies between 0 and 1, and mirrors that of the others" {
            checkAll(config, Arb.list(Arb.boolean(), 2..60), Arb.int(1, 5)) { hits, each ->
                val clusters = hits.indices.map { it / each }
                val yes = Sample(hits.map { listOf(if (it) 1.0 else 0.0) }, clusters)
                val no = Sample(hits.map { listOf(if (it) 0.0 else 1.0) }, clusters)
                val interval = Shares.interval(yes, 0, 0.95)
                (interval == null) shouldBe (yes.clusters < 2)
                if (interval != null) {
                    listOf(0.0, interval.low, yes.mean(0)!!, interval.high, 1.0).shouldBeMonotonicallyIncreasing()
                    close(Shares.interval(no, 0, 0.95)!!, 1 - interval.high, 1 - interval.low)
                }
            }
        }

        "a rank correlation sees ranks alone, both rankings alike, and changes sign with one of them" {
            val pairs = Arb.list(Arb.bind(Arb.int(-9, 9), Arb.int(-9, 9), ::Pair), 3..20)
            checkAll(config, pairs) { both ->
                val a = both.map { it.first.toDouble() }
                val b = both.map { it.second.toDouble() }
                val found = RankCorrelation.of(a, b)
                found?.shouldBeBetween(-1.0, 1.0, 1e-12)
                RankCorrelation.of(b, a) shouldBe found
                RankCorrelation.of(a.map { it * it * it + 7 }, b) shouldBe found
                RankCorrelation.of(a.map { -it }, b)?.let { close(it, -found!!) }
            }
        }

        "intervals hold the mean, and move with values that are shifted, scaled or turned round" {
            val scales = Arb.double(0.1, 50.0).filter { it.isFinite() }
            checkAll(40, config, samples, number, scales) { rows, shift, scale ->
                val draws = Draws.of(rows.size, 199, 3)

                fun of(sample: Sample) = Studentised.of(Ratio(sample), draws, 0.95).intervals
                val found = of(Sample(rows))
                val moved = of(Sample(rows.map { row -> row.map { it * scale + shift } }))
                val turned = of(mirrored(rows))
                val room = 1e-6 * (1 + scale * 1e3 + abs(shift))
                for (cell in found.indices) {
                    val its = found[cell]!!
                    val mean = Sample(rows).mean(cell)!!
                    mean.shouldBeBetween(its.low, its.high, room)
                    withClue("cell $cell, $its") {
                        moved[cell]!!.low shouldBe (its.low * scale + shift).plusOrMinus(room)
                        moved[cell]!!.high shouldBe (its.high * scale + shift).plusOrMinus(room)
                        turned[cell]!!.low shouldBe (-its.high).plusOrMinus(room)
                    }
                }
            }
        }
    })
