#include "support/rush_test.hpp"
namespace rushlight::test { namespace {
TEST(Unit_01_2, AddBroadcasts) { EXPECT_TRUE(near(Array({2,1},{1,2})+Array({3},{10,20,30}), {2,3}, {11,21,31,12,22,32})); }
TEST(Unit_01_3, SumTo) { EXPECT_TRUE(near(sum_to(ones({2,3,4}), {3,1}), {3,1}, {8,8,8})); }
TEST(Unit_01_4, Matmul) { EXPECT_TRUE(near(matmul(Array({2,2},{1,2,3,4}), Array({2,2},{1,1,0,1})), {2,2}, {1,3,3,7})); }
TEST(GradientFlow_01_8, Matmul) { expect_gradients([](const Tensors& in){return matmul(in[0],in[1]);}, {randn({2,3,4},1), randn({4,5},2)});
 for (bool ta : {false,true}) for (bool tb : {false,true}) expect_gradients([=](const Tensors& in){return matmul(in[0],in[1],{ta,tb});}, {randn(ta?Shape{2,4,3}:Shape{2,3,4},1), randn(tb?Shape{5,4}:Shape{4,5},2)}); }
TEST(GradientFlow_01_7, Mul) { expect_gradients([](const Tensors& in){return in[0]*in[1]/(in[1]*in[1]+2);}, {randn({3,4},1), randn({4},2)});}
} }
