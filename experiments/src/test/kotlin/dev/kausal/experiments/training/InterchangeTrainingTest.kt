package dev.kausal.experiments.training

import dev.kausal.experiments.construction.rasp.Programs
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.readBytes

/** A training whose data ends at a step, as if it were interrupted there. */
private class Ending(
    own: Training,
    private val after: Int,
) : Training by own {
    private val whole = own

    override fun data(
        folder: Path,
        seed: Long,
        progress: (String) -> Unit,
    ): TrainingData {
        val data = whole.data(folder, seed, progress)
        return object : TrainingData by data {
            override fun batch(step: Int): Batch =
                if (step == after) throw InterruptedException("as by Ctrl-C") else data.batch(step)
        }
    }
}

class InterchangeTrainingTest :
    FunSpec({
        val folder = tempdir().toPath()
        val said = mutableListOf<String>()
        val progress = Notes(said)
        val training = InterchangeTraining(Programs.inhibit)
        val schedule = training.schedule.copy(steps = 60, warmUp = 5)

        fun train(out: String, training: Training) =
            Trainer(training, schedule, folder.resolve(out), progress, every = 20).run()

        test("the loss with interchanges falls") {
            train("whole", training)
            val losses = said.mapNotNull { Regex("loss ([0-9.]+)").find(it)?.groupValues?.get(1)?.toDouble() }
            losses.size shouldBe 3
            losses.last() shouldBeLessThan 0.8 * losses.first()
        }

        test("an interrupted training goes on to the same weights") {
            shouldThrow<InterruptedException> { train("parts", Ending(training, after = 47)) }
            said.clear()
            train("parts", training)
            said shouldContain "continuing after step 40 of 60"
            folder.resolve("parts/model.safetensors").readBytes()
                .contentEquals(folder.resolve("whole/model.safetensors").readBytes()) shouldBe true
        }

        test("held-out texts are not trained on") {
            val data = training.data(folder, 1) {}
            val texts = ProgramTexts(Programs.inhibit)
            val random = kotlin.random.Random(1)
            val heldOut = List(500) { texts.input(texts.draw(random, heldOut = true)).ids().toList() }.toSet()
            for (step in 0 until 10) {
                data.batch(step).inputs.count { it.ids().toList() in heldOut } shouldBe 0
            }
        }
    })
