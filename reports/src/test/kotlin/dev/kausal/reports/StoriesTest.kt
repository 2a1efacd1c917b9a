package dev.kausal.reports

import dev.kausal.reports.stories.Stories
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder

/** Every class of analysis specs has one story, and every kind of result too. */
class StoriesTest :
    FunSpec({
        test("every class of analysis specs has one story") {
            Stories.all.map { it.spec.java.simpleName } shouldContainExactlyInAnyOrder
                leaves(AnalysisSpec::class.java).map { it.simpleName }
        }

        test("every kind of result has one story") {
            Stories.all.flatMap { listOf(it) + it.parts }.map { it.kind } shouldContainExactlyInAnyOrder
                ResultKind.entries
        }
    })

/** The classes that a sealed [type] has, at all depths. */
private fun leaves(type: Class<*>): List<Class<*>> =
    type.permittedSubclasses?.flatMap { leaves(it) } ?: listOf(type)
