package dev.kausal.experiments.cluster

import dev.kausal.experiments.RunProgress
import dev.kausal.run.context.Journal
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.ByteBuffer

/** Attempts at parts, and how they are divided and compared. */
class PartLedgerTest :
    FunSpec({
        fun outcome(vararg values: Double): ByteArray {
            val bytes = ByteBuffer.allocate(28 * values.size)
            values.forEach { bytes.putDouble(it).putInt(1).putDouble(0.5).putDouble(20.0) }
            return bytes.array()
        }

        fun part(bytes: ByteArray, host: String, processor: String, name: String = "sweep-0") =
            ComputedPart(name, bytes, host, processor, 2.0)

        val agreement = PartAgreement(terms = 1_000)
        val first = part(outcome(3.0, Double.NaN), "a", "one kind")

        test("attempts on one kind of processor have the same bytes") {
            agreement.difference(first, part(outcome(3.0, Double.NaN), "b", "one kind")) shouldBe null
            val next = outcome(Math.nextUp(3.0), Double.NaN)
            agreement.difference(first, part(next, "b", "one kind")).shouldNotBeNull() shouldContain
                "their bytes differ"
        }

        test("attempts on two kinds differ by rounding of the largest number at most") {
            val near = outcome(3.0 + 1e-5, Double.NaN)
            agreement.difference(first, part(near, "b", "another")) shouldBe null
            val far = outcome(3.1, Double.NaN)
            agreement.difference(first, part(far, "b", "another")).shouldNotBeNull() shouldContain "differ by 0.1"
            agreement.difference(first, part(outcome(3.0), "b", "another")) shouldBe "have other contents"
            // NaN means an absent number on both.
            agreement.difference(first, part(outcome(3.0, 1.0), "b", "another")).shouldNotBeNull()
        }

        test("results as JSON and rows of readings are compared by their numbers too") {
            fun json(number: String, name: String = "x") =
                part("""{"results":[{"name":"$name","mean":[$number]}]}""".encodeToByteArray(), "a", number)
            agreement.difference(json("1.0"), json("1.0000001")) shouldBe null
            agreement.difference(json("1.0"), json("1.1")).shouldNotBeNull()
            agreement.difference(json("1.0"), json("1.0000001", "y")) shouldBe "have other contents"

            fun row(value: Double) =
                part(ByteBuffer.allocate(12).putInt(1).putDouble(value).array(), "a", "$value", "examples-looks-0")
            agreement.difference(row(1.0), row(1.0000001)) shouldBe null
            agreement.difference(row(1.0), row(1.1)).shouldNotBeNull()
        }

        test("the first attempt is kept and counted; one that contradicts it ends the run and names both machines") {
            val written = LinkedHashMap<String, ByteArray>()
            val journal = object : Journal {
                override fun read(part: String): ByteArray? = written[part]

                override fun write(part: String, bytes: ByteArray) {
                    written[part] = bytes
                }
            }
            var advanced = 0L
            val progress = object : RunProgress {
                override fun note(line: String): Unit = Unit

                override fun begin(stage: String, total: Long?, unit: String): Unit = Unit

                override fun advance(count: Long) {
                    advanced += count
                }

                override fun end(note: String): Unit = Unit
            }
            val ledger = PartLedger(journal, agreement, progress)
            ledger.received(first)
            ledger.received(part(outcome(3.0 + 1e-5, Double.NaN), "b", "another"))
            ledger.hasFailed() shouldBe false
            written.values.single() shouldBe first.bytes
            advanced shouldBe 1
            ledger.secondsByHost shouldBe mapOf("a" to 2.0)
            ledger.processors shouldBe setOf("one kind")
            ledger.received(part(outcome(4.0, Double.NaN), "c", "another"))
            ledger.hasFailed() shouldBe true
            ledger.failure?.message.orEmpty() shouldContain "a (one kind) and c (another) both computed sweep-0"
        }

        test("a worker reads what the driver has kept, not its own attempt at a part") {
            val journal = WorkerJournal()
            val sent = mutableListOf<ByteArray>()
            val own = outcome(1.0)
            journal.delivering("sweep-0", sent::add) {
                journal.write("sweep-0", own)
                journal.write("rounding-sweeps", byteArrayOf(1))
            } shouldBe true
            sent.single() shouldBe own
            journal.read("sweep-0") shouldBe null
            journal.read("rounding-sweeps") shouldBe byteArrayOf(1)
            journal.know(mapOf("sweep-0" to outcome(2.0))) shouldBe true
            journal.read("sweep-0") shouldBe outcome(2.0)
            journal.know(emptyMap()) shouldBe false
            journal.delivering("sweep-1", sent::add) { } shouldBe false
            sent.size shouldBe 1
        }

        test("parts of sweeps are tasks of their own, those of few examples share one") {
            val small = List(20) { "examples-looks-$it" }
            ClusterTasks.of(small.take(1) + "needed-0" + small.drop(1) + "reading-lens").map {
                it.size
            } shouldContainExactly
                listOf(1, 1, 16, 4)
        }

        test("addresses of clusters") {
            ClusterMaster.parse("local[4]")?.cores shouldBe 4
            ClusterMaster.parse("local")?.text shouldBe "local[1]"
            ClusterMaster.parse("local[*]")?.cores shouldBe Runtime.getRuntime().availableProcessors()
            ClusterMaster.parse("local-cluster[2,3,1024]")?.run { listOf(cores, isLocal, sharesProcess) } shouldBe
                listOf(3, true, false)
            ClusterMaster.parse("spark://a:7077")?.run { listOf(cores, isLocal) } shouldBe listOf(null, false)
            ClusterMaster.parse("spark://127.0.0.1:7077")?.isLocal shouldBe true
            ClusterMaster.parse("k8s://https://127.0.0.1:443")?.isLocal shouldBe false
            ClusterMaster.parse("k8s://https://a:443")?.text shouldBe "k8s://https://a:443"
            listOf("local[0]", "local-cluster[0,1,1]", "mesos://a", "local[x]", "").forEach {
                ClusterMaster.parse(it) shouldBe null
            }
        }
    })
