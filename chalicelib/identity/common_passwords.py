"""The passwords tried first, of those that are long enough, in lower case: capitals change nothing."""

COMMON = frozenset(
    """
    00000000 000000000 0000000000 01234567 012345678 0123456789 0987654321 10203040 11111111 111111111
    1111111111 11112222 11223344 1122334455 112233445566 12121212 12123434 123123123 1231231234 12312312
    12341234 123412345 12344321 12345678 123456789 1234567890 12345678900 123456789a 123456789q 1234567891
    12345678910 1234567a 1234567q 123456aa 123456abc 123456qwe 12345qwert 1234abcd 1234qwer 123654789
    123698745 123abc123 123qwe123 123qweasd 12qwaszx 13131313 13243546 13579111 135792468 1357924680
    147258369 147852369 14725836 159357456 159753456 19841984 19851985 19861986 19871987 19881988 19891989
    19901990 19911991 19921992 1a2b3c4d 1a2s3d4f 1q1q1q1q 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qa2ws3ed 1qaz1qaz
    1qaz2wsx 1qaz2wsx3edc 1qazxsw2 1passwor 20002000 20202020 21212121 22222222 222222222 22334455 23232323
    23456789 24681012 25252525 31415926 314159265 33333333 333333333 3rjs1la7qe 44444444 444444444 4815162342
    5201314520 52013145 55555555 555555555 55667788 5845201314 66666666 666666666 66668888 741852963 77777777
    777777777 7777777777 78787878 789456123 87654321 876543210 88888888 888888888 8888888888 88889999
    963852741 98765432 987654321 9876543210 98989898 99887766 99999999 999999999 9999999999
    a1234567 a12345678 a123456789 a1b2c3d4 a1b2c3d4e5 aa112233 aa123456 aa12345678 aaaa1111 aaaaaaaa
    aaaaaaaaa aaaaaaaaaa abc12345 abc123456 abc123abc abcd1234 abcd12345 abcdefgh abcdefghi abcdefghij
    access14 admin123 admin1234 admin12345 admin123456 administrator adminadmin airplane alexander america1
    anderson angel123 asd123456 asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdfjkl; asdqwe123 azertyuiop
    baseball basketball baseball1 benjamin bismillah blink182 brooklyn business butterfly
    caonima1 carolina caroline champion changeme changeme1 charlie1 charlotte chocolate christian christine
    christmas computer computer1 consumer cookie123 creative courtney
    dearbook default1 diamond1 dolphins dragon123 dragonfly
    einstein elephant elizabeth engineer everything
    facebook fantasy1 football football1 freedom1 friends1 front242 fuckyou1 fuckyou2
    garfield gateway1 gfhjkm123 goldfish goodluck google123 gsxr1000 guest123
    hardcore hello123 hello1234 helloworld hellokitty hunter123 hurricane
    iloveyou iloveyou1 iloveyou2 iloveyou! imissyou infinity internet isabella
    jackson1 jasmine1 jennifer jessica1 jonathan jordan23 justdoit
    killer123 kingkong kristina
    lakers24 legolas1 letmein1 letmein123 liverpool liverpool1 login123 lollipop love1234 loveyou1 lovelove
    manchester marlboro maverick melissa1 mercedes metallica michael1 michelle midnight minecraft monkey123
    monster1 mustang1 mypassword
    naruto123 natalie1 newyork1 nicholas nintendo nopassword
    october1 omgpop123 onepiece
    p@$$w0rd p@ssw0rd p@ssword pa$$word pa55word pass1234 pass12345 passport passw0rd passwd123 passwort
    password password! password0 password01 password1 password1! password11 password12 password123
    password1234 password12345 password2 password3 password99 patricia pineapple pokemon1 precious
    princess princess1
    q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qawsedrf qazqazqaz qazwsx123 qazwsxedc qazxswedc qq123456 qq123456789
    qq1234567 qq5201314 qwaszx12 qwe123456 qwe123qwe qweasd123 qweasdzx qweasdzxc qweqweqwe qwer1234 qwerqwer
    qwert123 qwert12345 qwerty11 qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwertyui qwertyuio
    qwertyuiop
    rainbow1 realmadrid remember rockstar1 rootroot rush2112
    samantha samsung1 samsung123 savannah scorpion sebastian secret123 security september serenity shadow123
    slipknot snickers softball soccer123 spiderman spongebob srinivas starwars starwars1 stephanie sunflower
    sunshine sunshine1 superman superman1 superstar swimming
    taylor123 tequiero test1234 test12345 testtest thunder1 tigger123 tinkerbell trustno1 turtle123
    undertaker united123 user1234
    vacation valentina valentine vanessa1 veronica victoria
    warcraft welcome1 welcome123 westside whatever whatever1 william1 windows1 wo123456 woaini1314
    woaini520 woaini521 woaini123 woaiwojia wodemima worldcup
    x1y2z3w4 xbox3600 xiaoming xxxxxxxx
    yankees1 yellow123 yourmom1
    z1x2c3v4 zaq12wsx zaq1xsw2 zhang123 zhangwei zaq1zaq1 zxc123456 zxcvbnm1 zxcvbnm123 zxcvbnm, zxczxczxc
    zzzzzzzz
    """.split()
)
